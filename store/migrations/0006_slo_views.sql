-- Objectives for people and dashboards: one row says everything.

create schema slo;
create schema metric;

create view slo.sli as
select sli.minute as time, entity.objective, entity.labels, entity.site, entity.device, entity.slot, entity.link,
       entity.backend, entity.tenant, sli.good, sli.total, objective.target
  from sli
  join entity on entity.id = sli.entity_id
  join objective on objective.name = entity.objective;
comment on view slo.sli is 'Good and all events of each minute with data; a minute is named by its start';

create view slo.budget as
select budget.time, entity.id as entity_id, objective.name as objective, objective.display_name, objective.domain,
       objective.target, objective.window_seconds, entity.labels, entity.site, entity.device, entity.slot, entity.link,
       entity.backend, entity.tenant, budget.good, budget.total, budget.sli, budget.coverage, budget.remaining,
       budget.burn_5m, budget.burn_30m, budget.burn_1h, budget.burn_2h, budget.burn_6h, budget.burn_1d,
       budget.burn_3d, budget.state
  from budget
  join entity on entity.id = budget.entity_id
  join objective on objective.name = entity.objective;
comment on view slo.budget is 'Every snapshot of every error budget';

create view slo.status as
select newest.time, entity.id as entity_id, objective.name as objective, objective.display_name, objective.domain,
       objective.target, objective.window_seconds, entity.labels, entity.site, entity.device, entity.slot, entity.link,
       entity.backend, entity.tenant, newest.good, newest.total, newest.sli, newest.coverage, newest.remaining,
       newest.burn_5m, newest.burn_30m, newest.burn_1h, newest.burn_2h, newest.burn_6h, newest.burn_1d,
       newest.burn_3d, newest.state
  from entity
  join objective on objective.name = entity.objective
  cross join lateral (
      select * from budget where budget.entity_id = entity.id order by budget.time desc limit 1
  ) as newest;
comment on view slo.status is 'The newest snapshot of every error budget';

create view slo.alert as
select alert.id, alert.objective, objective.display_name, objective.domain, objective.runbook, alert.labels,
       entity.site, entity.device, entity.slot, entity.link, entity.backend, entity.tenant, alert.tier, alert.severity,
       alert.fired_at, alert.resolved_at, alert.burn_long, alert.burn_short, alert.threshold, alert.long_window,
       alert.short_window, alert.annotations
  from alert
  join entity on entity.id = alert.entity_id
  left join objective on objective.name = alert.objective;
comment on view slo.alert is 'Every alert that fired, newest state';
