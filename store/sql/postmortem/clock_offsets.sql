-- Were clocks apart, so that the order of the timeline is in doubt?
-- catalogue: network.postmortem_review.1 community.postmortem_review.1
-- entity: controller
-- offset_before_s: mean offset of its clock against its reference in seconds before
-- offset_during_s: the same during the incident
-- error_s: standard error of an estimate in seconds
-- round_trip_s: median control round trip in seconds during: order within it means nothing anyway

create function postmortem.clock_offsets(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, offset_before_s float8, offset_during_s float8, error_s float8, round_trip_s float8)
language sql stable parallel safe as $$
select entity, max(before) filter (where metric ~ 'offset$'), max(during) filter (where metric ~ 'offset$'),
       max(during) filter (where metric ~ 'error$'),
       (select public.histogram_quantile(0.5, trip.bounds, trip.during)
          from postmortem.distributions(from_at, to_at, about, '^quantum\.control\.round_trip\.duration$') as trip
         where trip.entity = clock.entity limit 1)
  from postmortem.levels(from_at, to_at, about, 'quantum.control.clock.offset',
                         'quantum.control.clock.offset.error') as clock
 group by 1 order by abs(max(during) filter (where metric ~ 'offset$')) desc nulls last
$$;
