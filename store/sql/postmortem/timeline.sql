-- What happened, in order: alerts, budgets, changes, alarms, and when quantum, classical and environment series moved?
-- catalogue: network.postmortem_review.1 community.postmortem_review.1 memory.postmortem_review.1
-- at: when
-- layer: quantum, classical, environment, or promise for what objectives say
-- entity: of whom it speaks
-- source: event, objective or metric that says so
-- what: what happened

create function postmortem.timeline(from_at timestamptz, to_at timestamptz, about text default null)
returns table (at timestamptz, layer text, entity text, source text, what text)
language sql stable parallel safe as $$
select at, postmortem.layer(name), entity, name, body
  from postmortem.happenings(from_at - interval '1 hour', to_at, about)
 union all
select fired_at, 'promise', entity, objective, severity || ' fires (' || tier || ')'
  from postmortem.alerts_of(from_at, to_at, about) where fired_at >= from_at - interval '1 hour'
 union all
select at, 'promise', entity, objective, format('budget %s -> %s', was, became) || coalesce(', ' || part, '')
  from postmortem.crossings(from_at, to_at, about)
 union all
select resolved_at, 'promise', entity, objective, severity || ' resolves (' || tier || ')'
  from postmortem.alerts_of(from_at, to_at, about) where resolved_at < to_at
 union all
(select shift.onset_at, postmortem.layer(series.metric), series.entity, series.metric,
        format('leaves its past: %s -> %s%s', shift.before::real, shift.during::real, ', ' || series.part)
   from postmortem.shifts(from_at, to_at, about) as shift
   join postmortem.series_of(about) as series on series.id = shift.series_id
  order by shift.sigmas desc limit 30)
 order by 1, 2, 3, 4
$$;
