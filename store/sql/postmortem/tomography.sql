-- Which density matrices were measured before and during the incident, and what fidelity do they give?
-- catalogue: network.postmortem_review.2 network.observability_pitfalls.3 memory.observability_pitfalls.4
-- at: when it was measured
-- phase: before or during
-- entity: memory bank
-- slot: slot
-- state: state that was stored
-- hold_s: hold time in seconds
-- fidelity: fidelity with the state that was stored, 0..1
-- error: its standard error
-- samples: shots
-- calibration: calibration set in force
-- matrix: density matrix as JSON: rows of [real, imaginary]

create function postmortem.tomography(from_at timestamptz, to_at timestamptz, about text default null)
returns table (at timestamptz, phase text, entity text, slot text, state text, hold_s float8, fidelity float8,
               error float8, samples bigint, calibration text, matrix text)
language sql stable parallel safe as $$
select time, case when time < from_at then 'before' else 'during' end, device, slot, state, hold_s, fidelity, error,
       samples, calibration, matrix
  from public.tomography
 where time >= from_at - interval '1 day' and time < to_at
   and (coalesce(about, '') = '' or array[device, site] && postmortem.whom(about))
 order by time desc
$$;
