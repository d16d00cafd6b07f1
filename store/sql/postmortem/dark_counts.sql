-- Did detectors lose light or gain dark counts?
-- catalogue: link.postmortem_review.1
-- entity: link
-- detector: detector
-- kind: signal for photons, dark for the detector itself
-- before_per_h: detections per hour before
-- during_per_h: detections per hour during the incident
-- ratio: during / before

create function postmortem.dark_counts(from_at timestamptz, to_at timestamptz, about text default null)
returns table (entity text, detector text, kind text, before_per_h float8, during_per_h float8, ratio float8)
language sql stable parallel safe as $$
select entity, attributes ->> 'quantum.detector.id', attributes ->> 'quantum.detection.kind', before_per_h, during_per_h,
       during_per_h / nullif(before_per_h, 0)
  from postmortem.counted(from_at, to_at, about, 'quantum.link.photon.detections')
 where distance = 0
 order by abs(ln(nullif(during_per_h, 0) / nullif(before_per_h, 0))) desc nulls first, 1, 2, 3
$$;
