-- Which slots, qubits or gates changed more than the rest of their device, hidden in its mean?
-- catalogue: memory.observability_pitfalls.2
-- entity: device or backend
-- metric: metric
-- part: slot, qubit or gate
-- before: mean before, in the unit of the metric
-- during: mean during the incident
-- ratio: during / before
-- ratio_of_all: the same of the whole device
-- unit: UCUM

create function postmortem.parts(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, metric text, part text, before float8, during float8, ratio float8,
               ratio_of_all float8, unit text)
language sql stable parallel safe as $$
with each as (
    select series.entity, series.metric, series.part, series.unit,
           avg(told.value) filter (where told.time < from_at) as before,
           avg(told.value) filter (where told.time >= from_at) as during
      from postmortem.series_of(about) as series
     cross join lateral postmortem.readings(series.id, postmortem.baseline(from_at, to_at), to_at) as told
     where series.distance = 0 and series.metric !~ '\.(calibrated|samples|error)$'
       and series.attributes ?| array['quantum.slot.id', 'quantum.qubit.id', 'quantum.gate.qubits']
     group by series.id, 1, 2, 3, 4
), compared as (
    select *, during / nullif(before, 0) as ratio,
           avg(during) over device / nullif(avg(before) over device, 0) as ratio_of_all
      from each window device as (partition by entity, metric)
)
select entity, metric, part, before, during, ratio, ratio_of_all, unit
  from compared where ratio is not null
 order by abs(ratio - ratio_of_all) desc limit 100
$$;
