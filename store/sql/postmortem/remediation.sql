-- What was done about it, how long after the start, and what resolved?
-- catalogue: memory.postmortem_review.4 community.postmortem_review.3
-- at: when
-- after_s: seconds after the start of the incident
-- entity: on what
-- kind: change, calibration, maintenance, exclusion, note, acknowledged, mitigated or resolved
-- who: who, where it is known
-- what: what was told

create function postmortem.remediation(from_at timestamptz, to_at timestamptz, about text default null)
returns table (at timestamptz, after_s float8, entity text, kind text, who text, what text)
language sql stable parallel safe as $$
select at, extract(epoch from at - from_at)::float8, entity, kind, who, what
  from (select at, entity, case when name ~ 'change$' then 'change' else split_part(name, '.', 2) end as kind,
               null as who, body as what
          from postmortem.happenings(from_at, to_at + interval '1 hour', about)
         where name ~ '\.change$' or name ~ '^quantum\.(calibration|maintenance)'
         union all
        select created_at, (select string_agg(value, ', ') from jsonb_each_text(matchers)), 'exclusion', exclusion.who, why
          from public.exclusion where created_at >= from_at and created_at < to_at + interval '1 day' and revoked_at is null
           and (coalesce(about, '') = '' or matchers = '{}'
                or exists (select from jsonb_each_text(matchers) where value = any (postmortem.whom(about))))
         union all
        select resolved_at, entity, 'resolved', null, objective || ' (' || tier || ')'
          from postmortem.alerts_of(from_at, to_at + interval '1 hour', about) where resolved_at < to_at + interval '1 hour'
         union all
        select step.at, array_to_string(entities, ', '), step.kind, step.who, step.what
          from public.incident cross join lateral (
               select acknowledged_at, 'acknowledged', acknowledged_by, title union all
               select mitigated_at, 'mitigated', mitigated_by, title union all
               select resolved_at, 'resolved', resolved_by, title union all
               select (note ->> 'at')::timestamptz, 'note', note ->> 'author', note ->> 'text'
                 from jsonb_array_elements(notes) as note
               ) as step (at, kind, who, what)
         where impact_at < to_at and coalesce(closed_at, 'infinity') >= from_at and step.at is not null
           and (coalesce(about, '') = '' or entities && postmortem.whom(about))
       ) as done
 order by at, entity, kind
$$;
