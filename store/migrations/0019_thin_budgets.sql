-- Old snapshots of budgets are thinned out (store/thinning.py). What an hour's extremes were is known from then on by
-- budget_hour alone, so that a corrected snapshot may widen them but never makes them anew from what is left.

create function budgets_thinned_until() returns timestamptz language sql stable
return coalesce((select (value #>> '{}')::timestamptz from engine_state where key = 'budgets_thinned_until'), '-infinity');
comment on function budgets_thinned_until() is 'Of hours before this, budget has the last snapshot only';

create or replace function add_up_budget_again() returns trigger language plpgsql as $$
begin
    delete from budget_hour
     using (select distinct entity_id, date_bin('1 hour', time, 'epoch') as hour from gone_rows) as gone
     where budget_hour.entity_id = gone.entity_id and budget_hour.hour = gone.hour
       and gone.hour >= budgets_thinned_until();
    insert into budget_hour
    select gone.hour, gone.entity_id, state, min(sli), min(remaining), max(burn_5m), max(burn_30m), max(burn_1h),
           max(burn_2h), max(burn_6h), max(burn_1d), max(burn_3d)
      from (select distinct entity_id, date_bin('1 hour', time, 'epoch') as hour from gone_rows) as gone
      join budget on budget.entity_id = gone.entity_id
                 and budget.time >= gone.hour and budget.time < gone.hour + interval '1 hour'
     group by 1, 2, 3
    on conflict (entity_id, hour, state) do update
       set (sli, remaining, burn_5m, burn_30m, burn_1h, burn_2h, burn_6h, burn_1d, burn_3d)
         = (least(budget_hour.sli, excluded.sli), least(budget_hour.remaining, excluded.remaining),
            greatest(budget_hour.burn_5m, excluded.burn_5m), greatest(budget_hour.burn_30m, excluded.burn_30m),
            greatest(budget_hour.burn_1h, excluded.burn_1h), greatest(budget_hour.burn_2h, excluded.burn_2h),
            greatest(budget_hour.burn_6h, excluded.burn_6h), greatest(budget_hour.burn_1d, excluded.burn_1d),
            greatest(budget_hour.burn_3d, excluded.burn_3d));
    return null;
end
$$;
