-- Objectives, budgets, alerts, and what the engine remembers.

-- name: upsert_objective
insert into objective (name, display_name, description, service, domain, catalogue_id, owner, runbook, target,
                       window_seconds, budgeting_method, definition, updated_at)
values (%(name)s, %(display_name)s, %(description)s, %(service)s, %(domain)s, %(catalogue_id)s, %(owner)s, %(runbook)s,
        %(target)s, %(window_seconds)s, %(budgeting_method)s, %(definition)s::jsonb, %(updated_at)s)
on conflict (name) do update
   set (display_name, description, service, domain, catalogue_id, owner, runbook, target, window_seconds,
        budgeting_method, definition, updated_at)
     = (excluded.display_name, excluded.description, excluded.service, excluded.domain, excluded.catalogue_id,
        excluded.owner, excluded.runbook, excluded.target, excluded.window_seconds, excluded.budgeting_method,
        excluded.definition, excluded.updated_at)
 where (objective.display_name, objective.description, objective.service, objective.domain, objective.catalogue_id,
        objective.owner, objective.runbook, objective.target, objective.window_seconds, objective.budgeting_method,
        objective.definition)
    is distinct from
       (excluded.display_name, excluded.description, excluded.service, excluded.domain, excluded.catalogue_id,
        excluded.owner, excluded.runbook, excluded.target, excluded.window_seconds, excluded.budgeting_method,
        excluded.definition);

-- name: delete_other_objectives
delete from objective where name <> all(%(names)s::text[]);

-- name: read_objectives
select name, display_name, description, service, domain, target, window_seconds, budgeting_method, catalogue_id, owner,
       runbook, definition
  from objective order by name;

-- name: note_generation
insert into objective_generation (objective, generation, since, counting, definition)
select %(objective)s, coalesce(was.generation, 0) + (was.counting is distinct from %(counting)s)::integer, %(since)s,
       %(counting)s, %(definition)s::jsonb
  from (select) as one
  left join lateral (
       select generation, counting, definition from objective_generation
        where objective = %(objective)s order by since desc limit 1) as was on true
 where was.counting is distinct from %(counting)s or was.definition is distinct from %(definition)s::jsonb
on conflict (objective, since) do nothing;

-- name: read_generations
select objective, generation, since, counting, definition
  from objective_generation
 where %(objective)s::text is null or objective = %(objective)s
 order by objective, since;

-- name: upsert_budgets
insert into budget select * from json_populate_recordset(null::budget, %(budgets)s::json)
on conflict (entity_id, time) do update
   set (good, total, coverage, sli, remaining, burn_5m, burn_30m, burn_1h, burn_2h, burn_6h, burn_1d, burn_3d, state)
     = (excluded.good, excluded.total, excluded.coverage, excluded.sli, excluded.remaining, excluded.burn_5m,
        excluded.burn_30m, excluded.burn_1h, excluded.burn_2h, excluded.burn_6h, excluded.burn_1d, excluded.burn_3d,
        excluded.state);

-- name: read_statuses
select objective, labels, time, good, total, coverage, sli, remaining, burn_5m, burn_30m, burn_1h, burn_2h, burn_6h,
       burn_1d, burn_3d, state
  from slo.status order by objective, labels;

-- name: read_budgets
select objective, labels, time, good, total, coverage, sli, remaining, burn_5m, burn_30m, burn_1h, burn_2h, burn_6h,
       burn_1d, burn_3d, state
  from slo.budget
 where objective = %(objective)s and time > %(start)s and time <= %(end)s
 order by time, labels;

-- name: add_alert
insert into alert (entity_id, objective, labels, tier, severity, fired_at, resolved_at, burn_long, burn_short, threshold,
                   long_window, short_window, annotations, tags)
values (%(entity_id)s, %(objective)s, %(labels)s::jsonb, %(tier)s, %(severity)s, %(fired_at)s, %(resolved_at)s,
        %(burn_long)s, %(burn_short)s, %(threshold)s, %(long_window)s, %(short_window)s, %(annotations)s::jsonb,
        %(tags)s::jsonb)
on conflict (entity_id, tier) where resolved_at is null do nothing
returning id;

-- name: find_open_alert
select id from alert where entity_id = %(entity_id)s and tier = %(tier)s and resolved_at is null;

-- name: resolve_alert
update alert set resolved_at = %(resolved_at)s where id = %(id)s and resolved_at is null returning id;

-- name: read_open_alerts
select objective, labels, tier, severity, fired_at, threshold, long_window, short_window, burn_long, burn_short,
       resolved_at, annotations, tags, id
  from alert where resolved_at is null order by fired_at desc, id desc;

-- name: read_alerts
select objective, labels, tier, severity, fired_at, threshold, long_window, short_window, burn_long, burn_short,
       resolved_at, annotations, tags, id
  from alert
 where fired_at <= %(end)s and (resolved_at is null or resolved_at > %(start)s)
 order by fired_at desc, id desc;

-- name: read_alert
select objective, labels, tier, severity, fired_at, threshold, long_window, short_window, burn_long, burn_short,
       resolved_at, annotations, tags, id
  from alert where id = %(id)s;

-- name: read_state
select value from engine_state where key = %(key)s;

-- name: write_state
insert into engine_state (key, value) values (%(key)s, %(value)s::jsonb)
on conflict (key) do update set value = excluded.value;
