-- The schema `postmortem`, and the pieces that its queries share. Bodies are strings and single SELECTs, so that the planner
-- sees through them. `about` is an entity of the topology or a tenant, or several, one a line; null or empty stands
-- for the whole fleet.

-- name: read_digest
select coalesce(obj_description(to_regnamespace('postmortem'), 'pg_namespace'), '');

-- name: drop_schema
drop schema if exists postmortem cascade;

-- name: create_schema
create schema postmortem;

-- name: comment_schema
comment on schema postmortem is {comment};

-- name: comment_query
comment on function {function}(timestamptz, timestamptz, text) is {comment};

-- name: grant_schema
grant usage on schema postmortem to herald_reader;

-- name: grant_functions
grant execute on all functions in schema postmortem to herald_reader;

-- name: ask
select * from postmortem.{name}({arguments});

-- name: example
select * from postmortem.{name}(now() - interval '2 hours', now(), 'mem-delft');

-- name: grafana
select * from postmortem.{name}($__timeFrom(), $__timeTo(), '${{device}}');

-- name: ask_alert
select from_at, to_at, about from postmortem.range_of_alert({number});

-- name: ask_incident
select from_at, to_at, about from postmortem.range_of_incident({number});

-- name: create_vocabulary
create function postmortem.vocabulary() returns table (metric text, unit text, attributes text[])
language sql stable parallel safe as {body};
comment on function postmortem.vocabulary() is
    'What the registry says of every metric: its unit, and the attributes that it must have';

-- name: piece_layer
create function postmortem.layer(name text) returns text
language sql immutable parallel safe as $$
select case
    when name ~ '^(hw|quantum\.(cryostat|environment))\.' then 'environment'
    when name ~ '^(system|quantum\.(agent|api|auth|ci|cluster|control|job|provider|queue|registry|tenant|transpiler))\.'
      or name ~ '^quantum\.(configuration|credential|firmware|maintenance|software)\.' then 'classical'
    else 'quantum'
end
$$;
comment on function postmortem.layer(text) is
    'Whether a metric or event speaks of quantum hardware, of what is classical around it, or of its environment';

-- name: piece_baseline
create function postmortem.baseline(from_at timestamptz, to_at timestamptz) returns timestamptz
language sql stable parallel safe as $$
select from_at - least(greatest(to_at - from_at, interval '1 hour'), interval '7 days')
$$;
comment on function postmortem.baseline(timestamptz, timestamptz) is
    'Where the past begins that an incident is compared with: as long as the incident, between an hour and a week';

-- name: piece_hours
create function postmortem.hours(start_at timestamptz, end_at timestamptz) returns float8
language sql immutable parallel safe as $$
select nullif(extract(epoch from end_at - start_at)::float8 / 3600, 0)
$$;
comment on function postmortem.hours(timestamptz, timestamptz) is 'Length in hours; null for none';

-- name: piece_whom
create function postmortem.whom(about text) returns text[]
language sql immutable parallel safe as $$
select string_to_array(about, E'\n')
$$;
comment on function postmortem.whom(text) is 'The entities that a question is about, one a line';

-- name: piece_upstream
create function postmortem.upstream(about text) returns table (entity text, distance integer)
language sql stable parallel safe as $$
with recursive acting (entity, distance) as (
    select unnest(postmortem.whom(about)), 0
     union
    select edge.source, acting.distance + 1
      from acting
      join public.topology as edge on edge.target = acting.entity
     where acting.distance < 8
)
select acting.entity, min(acting.distance) from acting where acting.entity <> '' group by 1
$$;
comment on function postmortem.upstream(text) is 'What a question is about (distance 0) and all that acts on it, by edges of the topology';

-- name: piece_series_of
create function postmortem.series_of(about text)
returns table (id integer, metric text, unit text, counts boolean, entity text, part text, tenant text, attributes jsonb,
               distance integer)
language sql stable parallel safe as $$
select told.id, told.metric, told.unit, told.monotonic, told.entity,
       (select string_agg(value, ', ' order by key) from jsonb_each_text(told.attributes)
         where value <> told.entity) as part,
       told.tenant, told.attributes, case when told.mine then 0 else near.distance end as distance
  from (select series.*, coalesce(link, device, resource ->> 'hw.id', attributes ->> 'hw.id', backend, site) as entity,
               coalesce(about, '') = '' or coalesce(postmortem.whom(about) && array[
                   link, device, backend, site, tenant, resource ->> 'hw.id', attributes ->> 'hw.id'], false) as mine
          from public.series) as told
  left join postmortem.upstream(about) as near on near.entity = told.entity
 where told.mine or near.distance is not null
$$;
comment on function postmortem.series_of(text) is
    'Series that speak of an entity (distance 0) or of what acts on it; part is what tells them apart beside the entity';

-- name: piece_numbers
-- `offset 0` keeps it a look-up per series: joined freely, a planner that misjudges the range reads whole weeks.
create function postmortem.numbers(of_series integer, start_at timestamptz, end_at timestamptz)
returns table ("time" timestamptz, points bigint, mean float8, largest float8, increase float8)
language sql stable parallel safe as $$
select time, count, sum / count, max, increase from public.number_minute
 where series_id = of_series and time >= start_at and time < end_at and end_at - start_at <= interval '12 hours'
 union all
select time, count, sum / count, max, increase from public.number_hour
 where series_id = of_series and time >= start_at and time < end_at and end_at - start_at > interval '12 hours'
offset 0
$$;
comment on function postmortem.numbers(integer, timestamptz, timestamptz) is
    'A gauge or sum by the minute, over more than 12 hours by the hour: a bounded number of rows whatever the range';

-- name: piece_histograms
create function postmortem.histograms(of_series integer, start_at timestamptz, end_at timestamptz)
returns table ("time" timestamptz, samples bigint, total float8, bounds float8[], buckets bigint[])
language sql stable parallel safe as $$
select time, count, sum, bounds, buckets from public.histogram_minute
 where series_id = of_series and time >= start_at and time < end_at and scale is null
   and end_at - start_at <= interval '12 hours'
 union all
select time, count, sum, bounds, buckets from public.histogram_hour
 where series_id = of_series and time >= start_at and time < end_at and scale is null
   and end_at - start_at > interval '12 hours'
offset 0
$$;
comment on function postmortem.histograms(integer, timestamptz, timestamptz) is
    'An explicit histogram by the minute, over more than 12 hours by the hour';

-- name: piece_readings
create function postmortem.readings(of_series integer, start_at timestamptz, end_at timestamptz)
returns table ("time" timestamptz, value float8)
language sql stable parallel safe as $$
select time, coalesce(increase, mean) from postmortem.numbers(of_series, start_at, end_at)
 union all
select time, total / samples from postmortem.histograms(of_series, start_at, end_at) where samples > 0
$$;
comment on function postmortem.readings(integer, timestamptz, timestamptz) is
    'One number per step of a series: means of gauges and histograms, increases of counters';

-- name: piece_shifts
-- A series is out of its past outside the range that it had there, widened by its spread. Events that are counted scatter by
-- the root of their number at least, so a single one more is no shift.
create function postmortem.shifts(from_at timestamptz, to_at timestamptz, about text)
returns table (series_id integer, onset_at timestamptz, before float8, during float8, sigmas float8)
language sql stable parallel safe as $$
with told as materialized (
    select reading.time, series.id as series_id, reading.value, series.counts
      from postmortem.series_of(about) as series
     cross join lateral postmortem.readings(series.id, postmortem.baseline(from_at, to_at), to_at) as reading
     where series.metric !~ '\.(calibrated|samples|error)$'
), past as (
    select series_id, avg(value) as mean, min(value) as low, max(value) as high,
           greatest(stddev_samp(value), 0.01 * abs(avg(value)),
                    case when counts then sqrt(greatest(avg(value), 1)) end) as spread
      from told where time < from_at group by series_id, counts having count(*) >= 5
)
select past.series_id, min(told.time) filter (where told.value not between low - spread and high + spread), past.mean,
       avg(told.value), max(abs(told.value - past.mean) / nullif(spread, 0))
  from past
  join told on told.series_id = past.series_id and told.time >= from_at
 group by past.series_id, past.mean
having bool_or(told.value not between low - spread and high + spread)
$$;
comment on function postmortem.shifts(timestamptz, timestamptz, text) is
    'Series that left the range of their past during an incident: since when, and by how many standard deviations';

-- name: piece_counted
create function postmortem.counted(from_at timestamptz, to_at timestamptz, about text, variadic metrics text[])
returns table (metric text, entity text, part text, tenant text, attributes jsonb, distance integer, before_per_h float8,
               during_per_h float8, during float8)
language sql stable parallel safe as $$
select series.metric, series.entity, series.part, series.tenant, series.attributes, series.distance,
       coalesce(sum(told.increase) filter (where told.time < from_at), 0)
           / postmortem.hours(postmortem.baseline(from_at, to_at), from_at),
       coalesce(sum(told.increase) filter (where told.time >= from_at), 0) / postmortem.hours(from_at, to_at),
       coalesce(sum(told.increase) filter (where told.time >= from_at), 0)
  from postmortem.series_of(about) as series
 cross join lateral postmortem.numbers(series.id, postmortem.baseline(from_at, to_at), to_at) as told
 where series.metric = any (metrics)
 group by series.id, 1, 2, 3, 4, 5, 6
$$;
comment on function postmortem.counted(timestamptz, timestamptz, text, text[]) is
    'Counters per hour, before and during an incident';

-- name: piece_distributions
create function postmortem.distributions(from_at timestamptz, to_at timestamptz, about text, pattern text)
returns table (metric text, unit text, entity text, part text, attributes jsonb, distance integer, bounds float8[],
               before bigint[], during bigint[], total_before float8, total_during float8)
language sql stable parallel safe as $$
select series.metric, series.unit, series.entity, series.part, series.attributes, series.distance, told.bounds,
       public.histogram_sum(told.buckets) filter (where told.time < from_at),
       public.histogram_sum(told.buckets) filter (where told.time >= from_at),
       coalesce(sum(told.total) filter (where told.time < from_at), 0),
       coalesce(sum(told.total) filter (where told.time >= from_at), 0)
  from postmortem.series_of(about) as series
 cross join lateral postmortem.histograms(series.id, postmortem.baseline(from_at, to_at), to_at) as told
 where series.metric ~ pattern
 group by series.id, 1, 2, 3, 4, 5, 6, 7
$$;
comment on function postmortem.distributions(timestamptz, timestamptz, text, text) is
    'Buckets and sums of the histograms whose metric matches a pattern, before and during an incident';

-- name: piece_levels
create function postmortem.levels(from_at timestamptz, to_at timestamptz, about text, variadic metrics text[])
returns table (metric text, unit text, entity text, part text, tenant text, attributes jsonb, distance integer,
               before float8, during float8, largest float8)
language sql stable parallel safe as $$
select series.metric, series.unit, series.entity, series.part, series.tenant, series.attributes, series.distance,
       avg(told.mean) filter (where told.time < from_at), avg(told.mean) filter (where told.time >= from_at),
       max(told.largest) filter (where told.time >= from_at)
  from postmortem.series_of(about) as series
 cross join lateral postmortem.numbers(series.id, postmortem.baseline(from_at, to_at), to_at) as told
 where series.metric = any (metrics)
 group by series.id, 1, 2, 3, 4, 5, 6, 7
$$;
comment on function postmortem.levels(timestamptz, timestamptz, text, text[]) is
    'Means of gauges before and during an incident';

-- name: piece_happenings
create function postmortem.happenings(start_at timestamptz, end_at timestamptz, about text)
returns table (at timestamptz, name text, entity text, distance integer, body text, attributes jsonb)
language sql stable parallel safe as $$
select told.time, told.name, told.entity, near.distance, told.body, told.attributes
  from (select event.*, coalesce(link, device, resource ->> 'hw.id', backend, site) as entity
          from public.event
         where time >= start_at and time < end_at
           and name not in ('quantum.topology.edge', 'quantum.memory.decay', 'quantum.memory.tomography')) as told
  left join postmortem.upstream(about) as near on near.entity = told.entity
 where coalesce(about, '') = '' or near.distance is not null
$$;
comment on function postmortem.happenings(timestamptz, timestamptz, text) is 'Events on an entity and on what acts on it';

-- name: piece_promises
create function postmortem.promises(about text)
returns table (id integer, objective text, entity text, part text, target float8, window_s bigint, owner text, runbook text)
language sql stable parallel safe as $$
select entity.id, entity.objective, named.entity,
       (select string_agg(value, ', ' order by key) from jsonb_each_text(entity.labels) where value <> named.entity),
       objective.target, objective.window_seconds, objective.owner, objective.runbook
  from public.entity
  left join public.objective on objective.name = entity.objective
 cross join lateral (
       select coalesce(entity.link, entity.device, entity.backend, entity.tenant, entity.site, '')) as named (entity)
 where coalesce(about, '') = '' or postmortem.whom(about) && array[entity.link, entity.device, entity.backend, entity.tenant, entity.site]
$$;
comment on function postmortem.promises(text) is
    'What each objective or rule is judged for; without an objective there is no target';

-- name: piece_usual_events
-- N_T of the rules that count (slo/rules.py): what lies before an entity's first minute counts at its own rate. Sums are those
-- of whole hours and of the minutes at both ends.
create function postmortem.usual_events(of_entity integer, window_s bigint, end_at timestamptz) returns float8
language sql stable parallel safe as $$
with asked as (
    select start_at, least(date_bin('1 hour', start_at + interval '00:59:59.999999', 'epoch'), end_at) as first_hour
      from (select end_at - make_interval(secs => window_s) as start_at) as given
), edged as (
    select *, greatest(date_bin('1 hour', end_at, 'epoch'), first_hour) as last_hour from asked
), counted as (
    select sum(told.total)::float8 as total
      from edged
     cross join lateral (
           select total from public.sli where entity_id = of_entity and minute >= start_at and minute < first_hour
            union all
           select total from public.sli_hour where entity_id = of_entity and hour >= first_hour and hour < last_hour
            union all
           select total from public.sli where entity_id = of_entity and minute >= last_hour and minute < end_at) as told
), lived as (
    select least((select minute from public.sli where entity_id = of_entity order by minute limit 1),
                 (select expected_since from public.entity where id = of_entity)) as since
)
select total * window_s / extract(epoch from end_at - greatest(start_at, since))::float8
  from edged cross join counted cross join lived
 where since < end_at
$$;
comment on function postmortem.usual_events(integer, bigint, timestamptz) is
    'How many events a budget window that ends then has at the rate at which they came in it; null where none ever did';

-- name: piece_alerts_of
create function postmortem.alerts_of(start_at timestamptz, end_at timestamptz, about text)
returns table (id bigint, entity_id integer, objective text, entity text, part text, tier text, severity text,
               fired_at timestamptz, resolved_at timestamptz, burn_rate float8, threshold float8, owner text, runbook text,
               tags jsonb, annotations jsonb)
language sql stable parallel safe as $$
select alert.id, alert.entity_id, alert.objective, promise.entity, promise.part, alert.tier, alert.severity, alert.fired_at,
       alert.resolved_at, alert.burn_long, alert.threshold, promise.owner, promise.runbook, alert.tags, alert.annotations
  from public.alert
  join postmortem.promises(about) as promise on promise.id = alert.entity_id
 where fired_at < end_at and coalesce(resolved_at, 'infinity') > start_at
$$;
comment on function postmortem.alerts_of(timestamptz, timestamptz, text) is
    'Alerts of an entity that were firing at some moment';

-- name: piece_range_of_alert
-- The start of the run of bad minutes that led to the alert; the run ends where more than five minutes in a row were good
-- or silent, as in `reports.impact.find_impact_ns`.
create function postmortem.range_of_alert(alert_id bigint) returns table (from_at timestamptz, to_at timestamptz, about text)
language sql stable parallel safe as $$
select coalesce(bad.start_at, alert.fired_at - interval '1 minute'), coalesce(alert.resolved_at, now()), promise.entity
  from public.alert
  join postmortem.promises(null) as promise on promise.id = alert.entity_id
 cross join lateral (
       select max(minute) filter (where previous is null or minute - previous > interval '6 minutes') as start_at
         from (select minute, lag(minute) over (order by minute) as previous
                 from public.sli
                where entity_id = alert.entity_id and minute >= alert.fired_at - interval '1 day' and minute < alert.fired_at
                  and total - good > (1 - coalesce(promise.target, 1)) * total) as run) as bad
 where alert.id = alert_id
$$;
comment on function postmortem.range_of_alert(bigint) is
    'Since when what an alert tells of had been bad, when it resolved (now, while it fires), and whom it is about';

-- name: piece_range_of_incident
create function postmortem.range_of_incident(incident_id bigint)
returns table (from_at timestamptz, to_at timestamptz, about text)
language sql stable parallel safe as $$
select impact_at, coalesce(resolved_at, closed_at, now()), array_to_string(entities, E'\n')
  from public.incident where id = incident_id
$$;
comment on function postmortem.range_of_incident(bigint) is
    'From its impact until it was resolved (now, while it is not), and all that its alerts are about';

-- name: piece_crossings
create function postmortem.crossings(from_at timestamptz, to_at timestamptz, about text)
returns table (at timestamptz, objective text, entity text, part text, was text, became text, burn_1h float8,
               remaining float8)
language sql stable parallel safe as $$
select told.time, promise.objective, promise.entity, promise.part, told.was, told.state, told.burn_1h, told.remaining
  from postmortem.promises(about) as promise
 cross join lateral (
       select budget.*, lag(budget.state) over (order by budget.time) as was
         from public.budget
        where entity_id = promise.id and time >= from_at - interval '2 hours' and time <= to_at) as told
 where told.time >= from_at and told.was <> told.state
$$;
comment on function postmortem.crossings(timestamptz, timestamptz, text) is 'Budgets that changed their state';
