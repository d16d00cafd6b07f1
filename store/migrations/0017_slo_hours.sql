-- Hours of SLI minutes and of budget snapshots: what a board over a month reads. Triggers keep them, whoever writes.

create table sli_hour (
    entity_id integer not null,
    hour      timestamptz not null,
    minutes   bigint not null,
    good      bigint not null,
    total     bigint not null,
    primary key (entity_id, hour)
) with (fillfactor = 70);
comment on table sli_hour is 'The sums of sli by the hour, and how many minutes had data; an hour is named by its start';

create function add_up_sli() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        update sli_hour
           set minutes = sli_hour.minutes - gone.minutes, good = sli_hour.good - gone.good,
               total = sli_hour.total - gone.total
          from (select entity_id, date_bin('1 hour', minute, 'epoch') as hour, count(*) as minutes, sum(good) as good,
                       sum(total) as total
                  from gone_rows group by 1, 2) as gone
         where sli_hour.entity_id = gone.entity_id and sli_hour.hour = gone.hour;
    end if;
    if tg_op <> 'DELETE' then
        insert into sli_hour
        select entity_id, date_bin('1 hour', minute, 'epoch'), count(*), sum(good), sum(total) from new_rows group by 1, 2
        on conflict (entity_id, hour) do update
           set minutes = sli_hour.minutes + excluded.minutes, good = sli_hour.good + excluded.good,
               total = sli_hour.total + excluded.total;
    end if;
    return null;
end
$$;
create trigger add_up_inserted after insert on sli
    referencing new table as new_rows for each statement execute function add_up_sli();
create trigger add_up_updated after update on sli
    referencing old table as gone_rows new table as new_rows for each statement execute function add_up_sli();
create trigger add_up_deleted after delete on sli
    referencing old table as gone_rows for each statement execute function add_up_sli();
insert into sli_hour
select entity_id, date_bin('1 hour', minute, 'epoch'), count(*), sum(good), sum(total) from sli group by 1, 2;

-- One row for each state of the hour, so that whatever was seen in it is found, and its worst.
create table budget_hour (
    hour      timestamptz not null,
    entity_id integer not null,
    state     text not null,
    sli       double precision,
    remaining double precision,
    burn_5m   double precision,
    burn_30m  double precision,
    burn_1h   double precision,
    burn_2h   double precision,
    burn_6h   double precision,
    burn_1d   double precision,
    burn_3d   double precision,
    primary key (entity_id, hour, state)
) with (fillfactor = 70);
comment on table budget_hour is
    'The snapshots of budget by the hour and state: the lowest SLI and remaining budget, the highest burn rates';

create view hour_of_budget as
select date_bin('1 hour', time, 'epoch') as hour, entity_id, state, min(sli) as sli, min(remaining) as remaining,
       max(burn_5m) as burn_5m, max(burn_30m) as burn_30m, max(burn_1h) as burn_1h, max(burn_2h) as burn_2h,
       max(burn_6h) as burn_6h, max(burn_1d) as burn_1d, max(burn_3d) as burn_3d
  from budget
 group by 1, 2, 3;
insert into budget_hour select * from hour_of_budget;
drop view hour_of_budget;

create function add_up_budget() returns trigger language plpgsql as $$
begin
    insert into budget_hour
    select date_bin('1 hour', time, 'epoch'), entity_id, state, min(sli), min(remaining), max(burn_5m), max(burn_30m),
           max(burn_1h), max(burn_2h), max(burn_6h), max(burn_1d), max(burn_3d)
      from new_rows
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

-- What is replaced may have been the lowest or the highest: its hour is added up again.
create function add_up_budget_again() returns trigger language plpgsql as $$
begin
    delete from budget_hour
     using (select distinct entity_id, date_bin('1 hour', time, 'epoch') as hour from gone_rows) as gone
     where budget_hour.entity_id = gone.entity_id and budget_hour.hour = gone.hour;
    insert into budget_hour
    select gone.hour, gone.entity_id, state, min(sli), min(remaining), max(burn_5m), max(burn_30m), max(burn_1h),
           max(burn_2h), max(burn_6h), max(burn_1d), max(burn_3d)
      from (select distinct entity_id, date_bin('1 hour', time, 'epoch') as hour from gone_rows) as gone
      join budget on budget.entity_id = gone.entity_id
                 and budget.time >= gone.hour and budget.time < gone.hour + interval '1 hour'
     group by 1, 2, 3;
    return null;
end
$$;
create trigger add_up_inserted after insert on budget
    referencing new table as new_rows for each statement execute function add_up_budget();
create trigger add_up_updated after update on budget
    referencing old table as gone_rows for each statement execute function add_up_budget_again();
create trigger add_up_deleted after delete on budget
    referencing old table as gone_rows for each statement execute function add_up_budget_again();

create view slo.budget_hour as
select budget_hour.hour as time, entity.id as entity_id, objective.name as objective, objective.display_name,
       objective.domain, objective.target, objective.window_seconds, entity.labels, entity.site, entity.device,
       entity.slot, entity.link, entity.backend, entity.tenant, budget_hour.sli, budget_hour.remaining,
       budget_hour.burn_5m, budget_hour.burn_30m, budget_hour.burn_1h, budget_hour.burn_2h, budget_hour.burn_6h,
       budget_hour.burn_1d, budget_hour.burn_3d, budget_hour.state
  from budget_hour
  join entity on entity.id = budget_hour.entity_id
  join objective on objective.name = entity.objective;
comment on view slo.budget_hour is
    'The snapshots by the hour and state: the lowest SLI and remaining budget, the highest burn rates';
