-- Do estimated fidelities agree with measured ones, or is fidelity misreported?
-- catalogue: link.observability_pitfalls.3
-- entity: link
-- phase: before or during
-- estimated: mean of the estimates of single pairs, 0..1
-- measured: mean of the measured fidelities, 0..1
-- error: mean standard error of a measurement
-- apart: distance in standard errors

create function postmortem.fidelity_claims(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, phase text, estimated float8, measured float8, error float8, apart float8)
language sql stable parallel safe as $$
with told as (
    select series.entity, series.metric, told.value, told.time < from_at as early
      from postmortem.series_of(about) as series
     cross join lateral postmortem.readings(series.id, postmortem.baseline(from_at, to_at), to_at) as told
     where series.metric ~ '^quantum\.link\.fidelity(\.measured(\.error)?)?$'
), mean as (
    select entity, early, avg(value) filter (where metric ~ 'fidelity$') as estimated,
           avg(value) filter (where metric ~ 'measured$') as measured, avg(value) filter (where metric ~ 'error$') as error
      from told group by 1, 2
)
select entity, case when early then 'before' else 'during' end, estimated, measured, error,
       abs(estimated - measured) / nullif(error, 0)
  from mean order by entity, early desc
$$;
