CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE SCHEMA slo;

CREATE FUNCTION public.add_up_budget() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into budget_hour
    select date_bin('1 hour', time, 'epoch'), entity_id, state, min(sli), min(remaining), max(burn_5m), max(burn_30m),
           max(burn_1h), max(burn_2h), max(burn_6h), max(burn_1d), max(burn_3d)
      from new_rows
     group by 1, 2, 3
    on conflict (entity_id, hour, state) do update
       set (sli, remaining, burn_5m, burn_30m, burn_1h, burn_2h, burn_6h, burn_1d, burn_3d)
         = (least(budget_hour.sli, excluded.sli), least(budget_hour.remaining, excluded.remaining),
            greatest(budget_hour.burn_5m, excluded.burn_5m), greatest(budget_hour.burn_30m, excluded.burn_30m),
            greatest(budget_hour.burn_1h, excluded.burn_1h), greatest(budget_hour.burn_2h, excluded.burn_2h),
            greatest(budget_hour.burn_6h, excluded.burn_6h), greatest(budget_hour.burn_1d, excluded.burn_1d),
            greatest(budget_hour.burn_3d, excluded.burn_3d));
    return null;
end
$$;

CREATE FUNCTION public.add_up_budget_again() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    delete from budget_hour
     using (select distinct entity_id, date_bin('1 hour', time, 'epoch') as hour from gone_rows) as gone
     where budget_hour.entity_id = gone.entity_id and budget_hour.hour = gone.hour
       and gone.hour >= budgets_thinned_until();
    insert into budget_hour
    select gone.hour, gone.entity_id, state, min(sli), min(remaining), max(burn_5m), max(burn_30m), max(burn_1h),
           max(burn_2h), max(burn_6h), max(burn_1d), max(burn_3d)
      from (select distinct entity_id, date_bin('1 hour', time, 'epoch') as hour from gone_rows) as gone
      join budget on budget.entity_id = gone.entity_id
                 and budget.time >= gone.hour and budget.time < gone.hour + interval '1 hour'
     group by 1, 2, 3
    on conflict (entity_id, hour, state) do update
       set (sli, remaining, burn_5m, burn_30m, burn_1h, burn_2h, burn_6h, burn_1d, burn_3d)
         = (least(budget_hour.sli, excluded.sli), least(budget_hour.remaining, excluded.remaining),
            greatest(budget_hour.burn_5m, excluded.burn_5m), greatest(budget_hour.burn_30m, excluded.burn_30m),
            greatest(budget_hour.burn_1h, excluded.burn_1h), greatest(budget_hour.burn_2h, excluded.burn_2h),
            greatest(budget_hour.burn_6h, excluded.burn_6h), greatest(budget_hour.burn_1d, excluded.burn_1d),
            greatest(budget_hour.burn_3d, excluded.burn_3d));
    return null;
end
$$;

CREATE FUNCTION public.add_up_sli() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op <> 'INSERT' then
        update sli_hour
           set minutes = sli_hour.minutes - gone.minutes, good = sli_hour.good - gone.good,
               total = sli_hour.total - gone.total
          from (select entity_id, date_bin('1 hour', minute, 'epoch') as hour, count(*) as minutes, sum(good) as good,
                       sum(total) as total
                  from gone_rows group by 1, 2) as gone
         where sli_hour.entity_id = gone.entity_id and sli_hour.hour = gone.hour;
    end if;
    if tg_op <> 'DELETE' then
        insert into sli_hour
        select entity_id, date_bin('1 hour', minute, 'epoch'), count(*), sum(good), sum(total) from new_rows group by 1, 2
        on conflict (entity_id, hour) do update
           set minutes = sli_hour.minutes + excluded.minutes, good = sli_hour.good + excluded.good,
               total = sli_hour.total + excluded.total;
    end if;
    return null;
end
$$;

CREATE TABLE public.engine_state (
    key text NOT NULL,
    value jsonb NOT NULL
);

COMMENT ON TABLE public.engine_state IS 'What the engine must remember across a restart';

CREATE FUNCTION public.budgets_thinned_until() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    RETURN COALESCE((SELECT ((engine_state.value #>> '{}'::text[]))::timestamp with time zone AS timestamptz FROM public.engine_state WHERE (engine_state.key = 'budgets_thinned_until'::text)), '-infinity'::timestamp with time zone);

COMMENT ON FUNCTION public.budgets_thinned_until() IS 'Of hours before this, budget has the last snapshot only';

CREATE FUNCTION public.tick(at timestamp with time zone) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (GREATEST(('-2147483648'::integer)::double precision, LEAST((2147483647)::double precision, tstzrange_subdiff(at, '2000-01-01 00:00:00+00'::timestamp with time zone))))::integer;

COMMENT ON FUNCTION public.tick(at timestamp with time zone) IS 'The nearest second since 2000, which never descends; the first or last there is for times before 1932, after 2068';

CREATE FUNCTION public.during(at timestamp with time zone, after timestamp with time zone, until timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((at > after) AND (at <= until) AND (public.tick(at) >= public.tick(after)) AND (public.tick(at) <= public.tick(until)));

COMMENT ON FUNCTION public.during(at timestamp with time zone, after timestamp with time zone, until timestamp with time zone) IS 'Whether a time is in (after, until], said so that the index on points finds it';

CREATE FUNCTION public.ensure_week(parent text, week timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    partition text := parent || to_char(week at time zone 'UTC', '"_"YYYY"_"MM"_"DD');
begin
    perform pg_advisory_xact_lock(hashtext('herald week'), hashtext(partition));
    if to_regclass('public.' || quote_ident(partition)) is null then
        execute format('create table public.%I (like public.%I including defaults including constraints)',
                       partition, parent);
        execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                       parent, partition, week, week + interval '7 days');
    end if;
end
$$;

COMMENT ON FUNCTION public.ensure_week(parent text, week timestamp with time zone) IS 'Make the partition of the week that starts then, if it is missing';

CREATE FUNCTION public.exponential_above(scale smallint, zero_count bigint, positive_offset integer, positive bigint[], x double precision, zero_threshold double precision DEFAULT 0) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
declare
    index bigint;
begin
    if x < 0 or x < zero_threshold and zero_count > 0 then
        return null;
    elsif x = 0 then
        return coalesce((select sum(n) from unnest(positive) as n), 0);
    end if;
    index := exponential_index(scale, x);
    if exponential_bound(scale, index) <> x and x is distinct from zero_threshold then
        return null;
    end if;
    return (select coalesce(sum(n), 0) from unnest(positive) with ordinality as bucket(n, i)
             where positive_offset + i - 1 >= index);
end
$$;

COMMENT ON FUNCTION public.exponential_above(scale smallint, zero_count bigint, positive_offset integer, positive bigint[], x double precision, zero_threshold double precision) IS 'Samples greater than x of an exponential histogram; null where x is neither a bound nor the zero threshold, or less than that';

CREATE FUNCTION public.exponential_bound(scale smallint, index bigint) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN (((index)::double precision * power((2)::double precision, ((- scale))::double precision)) >= (1024)::double precision) THEN 'Infinity'::double precision WHEN (((index)::double precision * power((2)::double precision, ((- scale))::double precision)) < ('-1074'::integer)::double precision) THEN (0)::double precision ELSE power((2)::double precision, ((index)::double precision * power((2)::double precision, ((- scale))::double precision))) END;

COMMENT ON FUNCTION public.exponential_bound(scale smallint, index bigint) IS 'The lower bound of a bucket of an exponential histogram, as near as a double comes to it';

CREATE FUNCTION public.exponential_index(scale smallint, x double precision) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
declare
    -- A logarithm may be off by its last digit, so the bounds have the last word.
    index bigint := floor(ln(x) / ln(2::float8) * power(2::float8, scale));
begin
    if exponential_bound(scale, index) > x then
        return index - 1;
    elsif exponential_bound(scale, index + 1) <= x then
        return index + 1;
    end if;
    return index;
end
$$;

COMMENT ON FUNCTION public.exponential_index(scale smallint, x double precision) IS 'The bucket of an exponential histogram that x > 0 lies in or is the lower bound of';

CREATE FUNCTION public.histogram_above(bounds double precision[], buckets bigint[], x double precision) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (array_position(bounds, x) IS NOT NULL) THEN (SELECT (COALESCE(sum(n.n), (0)::numeric))::bigint AS "coalesce" FROM unnest((histogram_above.buckets)[(array_position(histogram_above.bounds, histogram_above.x) + 1):]) n(n)) ELSE NULL::bigint END;

COMMENT ON FUNCTION public.histogram_above(bounds double precision[], buckets bigint[], x double precision) IS 'Samples greater than x; null where x is not a bound';

CREATE FUNCTION public.histogram_add(a bigint[], b bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
begin
    if a is null then
        return b;
    end if;
    for i in 1 .. coalesce(cardinality(b), 0) loop
        a[i] := coalesce(a[i], 0) + b[i];
    end loop;
    return a;
end
$$;

COMMENT ON FUNCTION public.histogram_add(a bigint[], b bigint[]) IS 'Bucket by bucket; a shorter array counts as zeros beyond its end';

CREATE FUNCTION public.histogram_quantile(q double precision, bounds double precision[], buckets bigint[]) RETURNS double precision
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
declare
    total bigint := 0;
    wanted float8;
    below bigint := 0;
    low float8;
    n bigint;
    i integer := 0;
begin
    if buckets is null or q is null or q < 0 or q > 1 then
        return null;
    end if;
    foreach n in array buckets loop
        total := total + n;
    end loop;
    if total = 0 then
        return null;
    end if;
    wanted := q * total;
    foreach n in array buckets loop
        i := i + 1;
        if n > 0 and below + n >= wanted then
            if i > cardinality(bounds) then
                return bounds[cardinality(bounds)];
            end if;
            low := case when i > 1 then bounds[i - 1] else least(bounds[1], 0) end;
            return low + (bounds[i] - low) * greatest(wanted - below, 0) / n;
        end if;
        below := below + n;
    end loop;
    return bounds[cardinality(bounds)];
end
$$;

COMMENT ON FUNCTION public.histogram_quantile(q double precision, bounds double precision[], buckets bigint[]) IS 'The q-quantile, linear inside its bucket; the last bound for samples above it, null without samples';

CREATE FUNCTION public.note_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    was jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) - tg_argv[2:] end;
    is_ jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) - tg_argv[2:] end;
begin
    if was = is_ then
        return null;
    end if;
    insert into audit_log (actor, action, subject, details)
    values (
        coalesce(nullif(current_setting('herald.actor', true), ''),
                 session_user || ' (' || current_setting('application_name') || ')'),
        tg_argv[0] || '.' || case tg_op when 'INSERT' then 'add' when 'UPDATE' then 'change' else 'remove' end,
        coalesce(is_ ->> tg_argv[1], was ->> tg_argv[1], ''),
        case tg_op
            when 'INSERT' then jsonb_build_object('new', is_)
            when 'DELETE' then jsonb_build_object('old', was)
            else jsonb_build_object(
                'old', (select jsonb_object_agg(key, value) from jsonb_each(was) where value is distinct from is_ -> key),
                'new', (select jsonb_object_agg(key, value) from jsonb_each(is_) where value is distinct from was -> key))
        end
    );
    return null;
end
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'the audit log can only be added to' using errcode = 'insufficient_privilege';
end
$$;

CREATE FUNCTION public.refuse_deletion() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'an exclusion is revoked, not deleted' using errcode = 'insufficient_privilege';
end
$$;

CREATE FUNCTION public.time_bucket(width interval, ts timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN date_bin(width, ts, '2000-01-03 00:00:00+00'::timestamp with time zone);

COMMENT ON FUNCTION public.time_bucket(width interval, ts timestamp with time zone) IS 'Stands in for TimescaleDB''s; fixed widths only, no months';

CREATE AGGREGATE public.histogram_sum(bigint[]) (
    SFUNC = public.histogram_add,
    STYPE = bigint[],
    COMBINEFUNC = public.histogram_add,
    PARALLEL = safe
);

COMMENT ON AGGREGATE public.histogram_sum(bigint[]) IS 'Bucket by bucket; only for histograms with the same bounds';

CREATE TABLE public.histogram (
    "time" timestamp with time zone NOT NULL,
    series_id integer NOT NULL,
    start_time timestamp with time zone,
    count bigint NOT NULL,
    sum double precision,
    min double precision,
    max double precision,
    bounds double precision[],
    buckets bigint[],
    scale smallint,
    zero_count bigint,
    positive_offset integer,
    negative_offset integer,
    negative bigint[],
    zero_threshold double precision
)
PARTITION BY RANGE ("time");

COMMENT ON TABLE public.histogram IS 'Histogram points; an exponential one has a scale, and its positive buckets in buckets';

COMMENT ON COLUMN public.histogram.zero_threshold IS 'zero_count counts values whose magnitude is at most this; null is 0';

CREATE TABLE public.series (
    id integer NOT NULL,
    metric text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    temporality text NOT NULL,
    monotonic boolean NOT NULL,
    resource jsonb NOT NULL,
    scope text NOT NULL,
    scope_version text NOT NULL,
    attributes jsonb NOT NULL,
    site text,
    device text,
    slot text,
    link text,
    backend text,
    tenant text,
    identity bytea NOT NULL,
    last_time timestamp with time zone,
    scope_attributes jsonb DEFAULT '{}'::jsonb NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.series IS 'One row per metric, resource, scope and attribute set';

COMMENT ON COLUMN public.series.identity IS 'BLAKE2b-128 of everything that identifies the series in the OpenTelemetry data model';

COMMENT ON COLUMN public.series.last_time IS 'About the time of its newest point: brought up to date every few seconds';

CREATE TABLE public.point (
    "time" timestamp with time zone NOT NULL,
    series_id integer NOT NULL,
    value double precision NOT NULL,
    start_time timestamp with time zone,
    value_int bigint
)
PARTITION BY RANGE ("time");

COMMENT ON TABLE public.point IS 'Points of gauges and sums; windows are (start_time, time]';

COMMENT ON COLUMN public.point.value_int IS 'The exact value of an integer that value, a double, cannot hold; null for all others';

CREATE TABLE public.histogram_hour (
    "time" timestamp with time zone NOT NULL,
    series_id integer NOT NULL,
    count bigint NOT NULL,
    sum double precision,
    min double precision,
    max double precision,
    bounds double precision[],
    buckets bigint[],
    scale smallint,
    zero_count bigint,
    positive_offset integer,
    negative_offset integer,
    negative bigint[],
    zero_threshold double precision
)
PARTITION BY RANGE ("time");

COMMENT ON TABLE public.histogram_hour IS 'The same hour by hour';

COMMENT ON COLUMN public.histogram_hour.zero_threshold IS 'zero_count counts values whose magnitude is at most this; null is 0';

CREATE TABLE public.number_hour (
    "time" timestamp with time zone NOT NULL,
    series_id integer NOT NULL,
    count bigint NOT NULL,
    sum double precision NOT NULL,
    min double precision NOT NULL,
    max double precision NOT NULL,
    last double precision NOT NULL,
    increase double precision
)
PARTITION BY RANGE ("time");

COMMENT ON TABLE public.number_hour IS 'The same hour by hour';

CREATE TABLE public.histogram_minute (
    "time" timestamp with time zone NOT NULL,
    series_id integer NOT NULL,
    count bigint NOT NULL,
    sum double precision,
    min double precision,
    max double precision,
    bounds double precision[],
    buckets bigint[],
    scale smallint,
    zero_count bigint,
    positive_offset integer,
    negative_offset integer,
    negative bigint[],
    zero_threshold double precision
)
PARTITION BY RANGE ("time");

COMMENT ON TABLE public.histogram_minute IS 'Histograms minute by minute; one row for each set of bounds that was in use';

COMMENT ON COLUMN public.histogram_minute.zero_threshold IS 'zero_count counts values whose magnitude is at most this; null is 0';

CREATE TABLE public.number_minute (
    "time" timestamp with time zone NOT NULL,
    series_id integer NOT NULL,
    count bigint NOT NULL,
    sum double precision NOT NULL,
    min double precision NOT NULL,
    max double precision NOT NULL,
    last double precision NOT NULL,
    increase double precision
)
PARTITION BY RANGE ("time");

COMMENT ON TABLE public.number_minute IS 'Gauges and sums minute by minute; time is the start of the minute, its window is (time, time + 1 minute]';

COMMENT ON COLUMN public.number_minute.increase IS 'By how much a counter grew, resets taken into account; null for gauges';

CREATE TABLE public.agent_token (
    id bigint NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    tenant text NOT NULL,
    site text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT agent_token_digest_check CHECK ((octet_length(digest) = 32))
);

COMMENT ON TABLE public.agent_token IS 'Who may send telemetry, and as whom';

COMMENT ON COLUMN public.agent_token.digest IS 'SHA-256 of the secret, which is shown once and kept nowhere';

COMMENT ON COLUMN public.agent_token.site IS 'Null for a gateway, whose senders name their own sites';

ALTER TABLE public.agent_token ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.agent_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alert (
    id bigint NOT NULL,
    entity_id integer NOT NULL,
    objective text NOT NULL,
    labels jsonb NOT NULL,
    tier text NOT NULL,
    severity text NOT NULL,
    fired_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    burn_long double precision,
    burn_short double precision,
    threshold double precision NOT NULL,
    long_window text NOT NULL,
    short_window text NOT NULL,
    annotations jsonb NOT NULL,
    tags jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON TABLE public.alert IS 'Every alert that fired; at most one per entity and tier is open';

ALTER TABLE public.alert ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL
);

COMMENT ON TABLE public.audit_log IS 'Who did what to tokens, objectives and pins; rows are only ever added';

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.budget (
    "time" timestamp with time zone NOT NULL,
    entity_id integer NOT NULL,
    good bigint NOT NULL,
    total bigint NOT NULL,
    coverage double precision,
    sli double precision,
    remaining double precision,
    burn_5m double precision,
    burn_30m double precision,
    burn_1h double precision,
    burn_2h double precision,
    burn_6h double precision,
    burn_1d double precision,
    burn_3d double precision,
    state text NOT NULL
);

COMMENT ON TABLE public.budget IS 'Snapshots of the error budget and the burn rates';

CREATE TABLE public.budget_hour (
    hour timestamp with time zone NOT NULL,
    entity_id integer NOT NULL,
    state text NOT NULL,
    sli double precision,
    remaining double precision,
    burn_5m double precision,
    burn_30m double precision,
    burn_1h double precision,
    burn_2h double precision,
    burn_6h double precision,
    burn_1d double precision,
    burn_3d double precision
)
WITH (fillfactor='70');

COMMENT ON TABLE public.budget_hour IS 'The snapshots of budget by the hour and state: the lowest SLI and remaining budget, the highest burn rates';

CREATE TABLE public.dirty_minute (
    metric text NOT NULL,
    minute timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.dirty_minute IS 'Minutes of a metric that changed since the engine last counted them; rows may repeat';

CREATE TABLE public.entity (
    id integer NOT NULL,
    objective text NOT NULL,
    labels jsonb NOT NULL,
    site text,
    device text,
    slot text,
    link text,
    backend text,
    tenant text,
    expected_since timestamp with time zone
);

COMMENT ON TABLE public.entity IS 'One promise kept or broken on its own: an objective and the group it is measured for';

COMMENT ON COLUMN public.entity.expected_since IS 'Since when telemetry of it is expected, whether or not there ever was any';

ALTER TABLE public.entity ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.entity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.event (
    "time" timestamp with time zone NOT NULL,
    name text NOT NULL,
    severity text NOT NULL,
    body text NOT NULL,
    site text,
    device text,
    link text,
    backend text,
    resource jsonb NOT NULL,
    attributes jsonb NOT NULL,
    trace_id text,
    span_id text
)
PARTITION BY RANGE ("time");

COMMENT ON TABLE public.event IS 'What happened: calibrations, changes, alarms (OTLP log records)';

CREATE TABLE public.exclusion (
    id bigint NOT NULL,
    kind text NOT NULL,
    matchers jsonb NOT NULL,
    start_at timestamp with time zone NOT NULL,
    end_at timestamp with time zone,
    rule text NOT NULL,
    zone text NOT NULL,
    mode text,
    who text NOT NULL,
    why text NOT NULL,
    source text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    pending boolean DEFAULT true NOT NULL,
    CONSTRAINT exclusion_check CHECK ((end_at > start_at)),
    CONSTRAINT exclusion_check1 CHECK (((rule = ''::text) OR (end_at IS NOT NULL))),
    CONSTRAINT exclusion_mode_check CHECK ((mode = ANY (ARRAY['dropped'::text, 'good'::text])))
);

COMMENT ON TABLE public.exclusion IS 'Time that does not count against error budgets, as people or the telemetry said';

COMMENT ON COLUMN public.exclusion.matchers IS 'Columns of an entity and their values, all of which must hold; empty for the whole fleet';

COMMENT ON COLUMN public.exclusion.rule IS 'RRULE of RFC 5545 by which the time from start_at to end_at comes again, in zone';

COMMENT ON COLUMN public.exclusion.mode IS 'Whether its events are dropped or count as good; null as the objective says';

COMMENT ON COLUMN public.exclusion.source IS 'Of which event it was made; empty where a person wrote it';

COMMENT ON COLUMN public.exclusion.pending IS 'Whether the minutes that it touches are still to be counted again';

ALTER TABLE public.exclusion ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.exclusion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.incident (
    id bigint NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    title text NOT NULL,
    alert_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    state text NOT NULL,
    notes jsonb DEFAULT '[]'::jsonb NOT NULL,
    domain text DEFAULT ''::text NOT NULL,
    entities text[] DEFAULT '{}'::text[] NOT NULL,
    impact_at timestamp with time zone NOT NULL,
    detected_at timestamp with time zone NOT NULL,
    opened_by text DEFAULT ''::text NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by text,
    mitigated_at timestamp with time zone,
    mitigated_by text,
    resolved_at timestamp with time zone,
    resolved_by text,
    settled_at timestamp with time zone,
    CONSTRAINT incident_notes CHECK ((jsonb_typeof(notes) = 'array'::text)),
    CONSTRAINT incident_order CHECK (((impact_at <= detected_at) AND (detected_at <= opened_at))),
    CONSTRAINT incident_state CHECK ((state =
CASE
    WHEN (closed_at IS NOT NULL) THEN 'resolved'::text
    WHEN (mitigated_at IS NOT NULL) THEN 'mitigated'::text
    WHEN (acknowledged_at IS NOT NULL) THEN 'acknowledged'::text
    ELSE 'open'::text
END))
);

COMMENT ON TABLE public.incident IS 'What people gathered around alerts';

COMMENT ON COLUMN public.incident.closed_at IS 'When it was taken as resolved: after a quiet time';

COMMENT ON COLUMN public.incident.notes IS 'A list of {"at": ..., "author": ..., "text": ...}, oldest first';

COMMENT ON COLUMN public.incident.domain IS 'The domain of the first alert, whose mean times it counts in; empty for none';

COMMENT ON COLUMN public.incident.entities IS 'What hurts, as the topology names it; that of the first alert first';

COMMENT ON COLUMN public.incident.impact_at IS 'The start of the first bad minute';

COMMENT ON COLUMN public.incident.detected_at IS 'When its first alert fired, or a person opened it';

COMMENT ON COLUMN public.incident.resolved_at IS 'When its last alert resolved, or a person said so';

COMMENT ON COLUMN public.incident.settled_at IS 'Since when it cannot reopen any more; its times are told as telemetry with that';

ALTER TABLE public.incident ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.incident_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ingest_batch (
    digest bytea NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.ingest_batch IS 'Digests of the requests of the past two days: a repeated one is a retry';

CREATE TABLE public.ingest_position (
    source text NOT NULL,
    "position" bigint NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL
);

COMMENT ON TABLE public.ingest_position IS 'Up to where each spool file is stored; changes with the points in one transaction';

COMMENT ON COLUMN public.ingest_position.epoch IS 'Grows when a writer claims the source; a writer with an older one stores nothing';

CREATE TABLE public.ingest_writer (
    only_row boolean DEFAULT true NOT NULL,
    writer text NOT NULL,
    CONSTRAINT ingest_writer_only_row_check CHECK (only_row)
);

COMMENT ON TABLE public.ingest_writer IS 'Who wrote points last; a writer holds the row while it writes';

CREATE TABLE public.objective (
    name text NOT NULL,
    display_name text NOT NULL,
    description text NOT NULL,
    service text NOT NULL,
    domain text NOT NULL,
    catalogue_id text NOT NULL,
    owner text NOT NULL,
    runbook text NOT NULL,
    target double precision NOT NULL,
    window_seconds bigint NOT NULL,
    budgeting_method text NOT NULL,
    definition jsonb NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.objective IS 'The objectives in force';

CREATE TABLE public.objective_generation (
    objective text NOT NULL,
    generation integer NOT NULL,
    since timestamp with time zone NOT NULL,
    counting text NOT NULL,
    definition jsonb NOT NULL
);

COMMENT ON TABLE public.objective_generation IS 'What an objective said from when on; a new generation counts the same telemetry differently';

COMMENT ON COLUMN public.objective_generation.counting IS 'Changes when the objective counts differently';

CREATE TABLE public.pin (
    id bigint NOT NULL,
    reason text NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone NOT NULL,
    keep_until timestamp with time zone,
    CONSTRAINT pin_check CHECK ((start_time < end_time))
);

COMMENT ON TABLE public.pin IS 'Times whose telemetry retention must keep';

COMMENT ON COLUMN public.pin.keep_until IS 'When retention lets go of it; null for as long as it stands';

ALTER TABLE public.pin ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pin_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rollup_dirty (
    metric text NOT NULL,
    minute timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.rollup_dirty IS 'Minutes of a metric to be rolled up; the engine passes them on from dirty_minute; rows may repeat';

CREATE TABLE public.schema_migration (
    version integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.series ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.series_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sli (
    entity_id integer NOT NULL,
    minute timestamp with time zone NOT NULL,
    good bigint NOT NULL,
    total bigint NOT NULL
);

COMMENT ON TABLE public.sli IS 'Good and all events of each minute with data; a minute is named by its start';

CREATE TABLE public.sli_hour (
    entity_id integer NOT NULL,
    hour timestamp with time zone NOT NULL,
    minutes bigint NOT NULL,
    good bigint NOT NULL,
    total bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE public.sli_hour IS 'The sums of sli by the hour, and how many minutes had data; an hour is named by its start';

CREATE TABLE public.sli_revision (
    entity_id integer NOT NULL,
    minute timestamp with time zone NOT NULL,
    known_until timestamp with time zone NOT NULL,
    good bigint,
    total bigint
);

COMMENT ON TABLE public.sli_revision IS 'What a minute said before late data, or an exclusion, corrected it after it had been judged; null where it had no data';

CREATE TABLE public.span (
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone NOT NULL,
    trace_id text NOT NULL,
    span_id text NOT NULL,
    parent_span_id text,
    name text NOT NULL,
    status text NOT NULL,
    site text,
    device text,
    link text,
    resource jsonb NOT NULL,
    attributes jsonb NOT NULL
)
PARTITION BY RANGE (start_time);

COMMENT ON TABLE public.span IS 'OTLP spans';

CREATE VIEW public.tomography AS
 SELECT "time",
    name,
    site,
    device,
    link,
    (attributes ->> 'quantum.slot.id'::text) AS slot,
    (attributes ->> 'quantum.tomography.state'::text) AS state,
    ((attributes ->> 'quantum.tomography.hold'::text))::double precision AS hold_s,
    ((attributes ->> 'quantum.tomography.fidelity'::text))::double precision AS fidelity,
    ((attributes ->> 'quantum.tomography.fidelity.error'::text))::double precision AS error,
    ((attributes ->> 'quantum.tomography.samples'::text))::bigint AS samples,
    (attributes ->> 'quantum.calibration.id'::text) AS calibration,
    (attributes ->> 'quantum.tomography.matrix'::text) AS matrix,
    attributes
   FROM public.event
  WHERE (name = 'quantum.memory.tomography'::text);

COMMENT ON VIEW public.tomography IS 'Measured states of memory slots with their density matrices, rows of [real, imaginary]';

CREATE TABLE public.topology (
    source text NOT NULL,
    source_kind text NOT NULL,
    relation text NOT NULL,
    target text NOT NULL,
    target_kind text NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.topology IS 'What acts on what: source feeds, cools, controls or hosts target';

CREATE VIEW slo.alert AS
 SELECT alert.id,
    alert.objective,
    objective.display_name,
    objective.domain,
    objective.runbook,
    alert.labels,
    entity.site,
    entity.device,
    entity.slot,
    entity.link,
    entity.backend,
    entity.tenant,
    alert.tier,
    alert.severity,
    alert.fired_at,
    alert.resolved_at,
    alert.burn_long,
    alert.burn_short,
    alert.threshold,
    alert.long_window,
    alert.short_window,
    alert.annotations
   FROM ((public.alert
     JOIN public.entity ON ((entity.id = alert.entity_id)))
     LEFT JOIN public.objective ON ((objective.name = alert.objective)));

COMMENT ON VIEW slo.alert IS 'Every alert that fired, newest state';

CREATE VIEW slo.budget AS
 SELECT budget."time",
    entity.id AS entity_id,
    objective.name AS objective,
    objective.display_name,
    objective.domain,
    objective.target,
    objective.window_seconds,
    entity.labels,
    entity.site,
    entity.device,
    entity.slot,
    entity.link,
    entity.backend,
    entity.tenant,
    budget.good,
    budget.total,
    budget.sli,
    budget.coverage,
    budget.remaining,
    budget.burn_5m,
    budget.burn_30m,
    budget.burn_1h,
    budget.burn_2h,
    budget.burn_6h,
    budget.burn_1d,
    budget.burn_3d,
    budget.state
   FROM ((public.budget
     JOIN public.entity ON ((entity.id = budget.entity_id)))
     JOIN public.objective ON ((objective.name = entity.objective)));

COMMENT ON VIEW slo.budget IS 'Every snapshot of every error budget';

CREATE VIEW slo.budget_hour AS
 SELECT budget_hour.hour AS "time",
    entity.id AS entity_id,
    objective.name AS objective,
    objective.display_name,
    objective.domain,
    objective.target,
    objective.window_seconds,
    entity.labels,
    entity.site,
    entity.device,
    entity.slot,
    entity.link,
    entity.backend,
    entity.tenant,
    budget_hour.sli,
    budget_hour.remaining,
    budget_hour.burn_5m,
    budget_hour.burn_30m,
    budget_hour.burn_1h,
    budget_hour.burn_2h,
    budget_hour.burn_6h,
    budget_hour.burn_1d,
    budget_hour.burn_3d,
    budget_hour.state
   FROM ((public.budget_hour
     JOIN public.entity ON ((entity.id = budget_hour.entity_id)))
     JOIN public.objective ON ((objective.name = entity.objective)));

COMMENT ON VIEW slo.budget_hour IS 'The snapshots by the hour and state: the lowest SLI and remaining budget, the highest burn rates';

CREATE VIEW slo.exclusion AS
 SELECT id,
    kind,
    matchers,
    start_at,
    end_at,
    rule,
    zone,
    mode,
    who,
    why,
    source,
    created_at,
    revoked_at
   FROM public.exclusion;

COMMENT ON VIEW slo.exclusion IS 'Time that does not count against error budgets';

CREATE VIEW slo.incident AS
 SELECT id,
    state,
    title,
    domain,
    entities,
    alert_ids,
    impact_at,
    detected_at,
    opened_at,
    opened_by,
    acknowledged_at,
    acknowledged_by,
    mitigated_at,
    mitigated_by,
    resolved_at,
    resolved_by,
    closed_at,
    notes,
    (EXTRACT(epoch FROM (detected_at - impact_at)))::double precision AS seconds_to_detect,
    (EXTRACT(epoch FROM (acknowledged_at - detected_at)))::double precision AS seconds_to_acknowledge,
    (EXTRACT(epoch FROM (COALESCE(mitigated_at, resolved_at) - impact_at)))::double precision AS seconds_to_recover,
    (EXTRACT(epoch FROM (resolved_at - detected_at)))::double precision AS seconds_to_repair
   FROM public.incident;

COMMENT ON VIEW slo.incident IS 'Incidents with their times: to detect and to recover from the impact, the others from detection';

CREATE VIEW slo.sli AS
 SELECT sli.minute AS "time",
    entity.objective,
    entity.labels,
    entity.site,
    entity.device,
    entity.slot,
    entity.link,
    entity.backend,
    entity.tenant,
    sli.good,
    sli.total,
    objective.target
   FROM ((public.sli
     JOIN public.entity ON ((entity.id = sli.entity_id)))
     JOIN public.objective ON ((objective.name = entity.objective)));

COMMENT ON VIEW slo.sli IS 'Good and all events of each minute with data; a minute is named by its start';

CREATE VIEW slo.status AS
 SELECT newest."time",
    entity.id AS entity_id,
    objective.name AS objective,
    objective.display_name,
    objective.domain,
    objective.target,
    objective.window_seconds,
    entity.labels,
    entity.site,
    entity.device,
    entity.slot,
    entity.link,
    entity.backend,
    entity.tenant,
    newest.good,
    newest.total,
    newest.sli,
    newest.coverage,
    newest.remaining,
    newest.burn_5m,
    newest.burn_30m,
    newest.burn_1h,
    newest.burn_2h,
    newest.burn_6h,
    newest.burn_1d,
    newest.burn_3d,
    newest.state
   FROM ((public.entity
     JOIN public.objective ON ((objective.name = entity.objective)))
     CROSS JOIN LATERAL ( SELECT budget."time",
            budget.entity_id,
            budget.good,
            budget.total,
            budget.coverage,
            budget.sli,
            budget.remaining,
            budget.burn_5m,
            budget.burn_30m,
            budget.burn_1h,
            budget.burn_2h,
            budget.burn_6h,
            budget.burn_1d,
            budget.burn_3d,
            budget.state
           FROM public.budget
          WHERE (budget.entity_id = entity.id)
          ORDER BY budget."time" DESC
         LIMIT 1) newest);

COMMENT ON VIEW slo.status IS 'The newest snapshot of every error budget';

ALTER TABLE ONLY public.agent_token
    ADD CONSTRAINT agent_token_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.agent_token
    ADD CONSTRAINT agent_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.budget_hour
    ADD CONSTRAINT budget_hour_pkey PRIMARY KEY (entity_id, hour, state);

ALTER TABLE ONLY public.budget
    ADD CONSTRAINT budget_pkey PRIMARY KEY (entity_id, "time");

ALTER TABLE ONLY public.engine_state
    ADD CONSTRAINT engine_state_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.entity
    ADD CONSTRAINT entity_objective_labels_key UNIQUE (objective, labels);

ALTER TABLE ONLY public.entity
    ADD CONSTRAINT entity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.exclusion
    ADD CONSTRAINT exclusion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ingest_batch
    ADD CONSTRAINT ingest_batch_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.ingest_position
    ADD CONSTRAINT ingest_position_pkey PRIMARY KEY (source);

ALTER TABLE ONLY public.ingest_writer
    ADD CONSTRAINT ingest_writer_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.objective_generation
    ADD CONSTRAINT objective_generation_pkey PRIMARY KEY (objective, since);

ALTER TABLE ONLY public.objective
    ADD CONSTRAINT objective_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.pin
    ADD CONSTRAINT pin_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pin
    ADD CONSTRAINT pin_reason_start_time_end_time_key UNIQUE (reason, start_time, end_time);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_identity_key UNIQUE (identity);

ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sli_hour
    ADD CONSTRAINT sli_hour_pkey PRIMARY KEY (entity_id, hour);

ALTER TABLE ONLY public.sli
    ADD CONSTRAINT sli_pkey PRIMARY KEY (entity_id, minute);

ALTER TABLE ONLY public.sli_revision
    ADD CONSTRAINT sli_revision_pkey PRIMARY KEY (entity_id, minute, known_until);

ALTER TABLE ONLY public.topology
    ADD CONSTRAINT topology_pkey PRIMARY KEY (source, relation, target);

CREATE UNIQUE INDEX agent_token_name ON public.agent_token USING btree (name) WHERE (revoked_at IS NULL);

CREATE INDEX alert_fired_at ON public.alert USING btree (fired_at DESC);

CREATE UNIQUE INDEX alert_open ON public.alert USING btree (entity_id, tier) WHERE (resolved_at IS NULL);

CREATE INDEX event_name_time ON ONLY public.event USING btree (name, "time" DESC);

CREATE INDEX event_time ON ONLY public.event USING btree ("time" DESC);

CREATE INDEX exclusion_pending ON public.exclusion USING btree (id) WHERE pending;

CREATE UNIQUE INDEX exclusion_source ON public.exclusion USING btree (source) WHERE (source <> ''::text);

CREATE INDEX histogram_hour_series_time ON ONLY public.histogram_hour USING btree (series_id, "time");

CREATE INDEX histogram_minute_series_time ON ONLY public.histogram_minute USING btree (series_id, "time");

CREATE INDEX histogram_series_tick ON ONLY public.histogram USING btree (series_id, public.tick("time")) WITH (deduplicate_items=off, fillfactor='100');

CREATE INDEX incident_alert ON public.incident USING gin (alert_ids);

CREATE INDEX incident_opened_at ON public.incident USING btree (opened_at DESC);

CREATE INDEX incident_unsettled ON public.incident USING btree (id) WHERE (settled_at IS NULL);

CREATE INDEX ingest_batch_received_at ON public.ingest_batch USING btree (received_at);

CREATE INDEX number_hour_series_time ON ONLY public.number_hour USING btree (series_id, "time");

CREATE INDEX number_minute_series_time ON ONLY public.number_minute USING btree (series_id, "time");

CREATE INDEX point_series_tick ON ONLY public.point USING btree (series_id, public.tick("time")) WITH (deduplicate_items=off, fillfactor='100');

CREATE INDEX rollup_dirty_minute ON public.rollup_dirty USING btree (minute);

CREATE INDEX series_metric ON public.series USING btree (metric);

CREATE INDEX span_time ON ONLY public.span USING btree (start_time DESC);

CREATE INDEX span_trace ON ONLY public.span USING btree (trace_id);

CREATE TRIGGER add_up_deleted AFTER DELETE ON public.budget REFERENCING OLD TABLE AS gone_rows FOR EACH STATEMENT EXECUTE FUNCTION public.add_up_budget_again();

CREATE TRIGGER add_up_deleted AFTER DELETE ON public.sli REFERENCING OLD TABLE AS gone_rows FOR EACH STATEMENT EXECUTE FUNCTION public.add_up_sli();

CREATE TRIGGER add_up_inserted AFTER INSERT ON public.budget REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.add_up_budget();

CREATE TRIGGER add_up_inserted AFTER INSERT ON public.sli REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.add_up_sli();

CREATE TRIGGER add_up_updated AFTER UPDATE ON public.budget REFERENCING OLD TABLE AS gone_rows FOR EACH STATEMENT EXECUTE FUNCTION public.add_up_budget_again();

CREATE TRIGGER add_up_updated AFTER UPDATE ON public.sli REFERENCING OLD TABLE AS gone_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.add_up_sli();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only_as_a_whole BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.agent_token FOR EACH ROW EXECUTE FUNCTION public.note_change('token', 'name', 'id', 'digest');

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON public.exclusion FOR EACH ROW EXECUTE FUNCTION public.note_change('exclusion', 'id', 'pending');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.incident FOR EACH ROW EXECUTE FUNCTION public.note_change('incident', 'id', 'settled_at');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.objective FOR EACH ROW EXECUTE FUNCTION public.note_change('objective', 'name', 'updated_at');

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.pin FOR EACH ROW EXECUTE FUNCTION public.note_change('pin', 'reason', 'id');

CREATE TRIGGER keep BEFORE DELETE ON public.exclusion FOR EACH ROW EXECUTE FUNCTION public.refuse_deletion();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.exclusion FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_deletion();

GRANT USAGE ON SCHEMA public TO herald_reader;

GRANT USAGE ON SCHEMA slo TO herald_reader;

GRANT SELECT ON TABLE public.engine_state TO herald_reader;

GRANT SELECT ON TABLE public.histogram TO herald_reader;

GRANT SELECT ON TABLE public.series TO herald_reader;

GRANT SELECT ON TABLE public.point TO herald_reader;

GRANT SELECT ON TABLE public.histogram_hour TO herald_reader;

GRANT SELECT ON TABLE public.number_hour TO herald_reader;

GRANT SELECT ON TABLE public.histogram_minute TO herald_reader;

GRANT SELECT ON TABLE public.number_minute TO herald_reader;

GRANT SELECT ON TABLE public.alert TO herald_reader;

GRANT SELECT ON TABLE public.budget TO herald_reader;

GRANT SELECT ON TABLE public.budget_hour TO herald_reader;

GRANT SELECT ON TABLE public.dirty_minute TO herald_reader;

GRANT SELECT ON TABLE public.entity TO herald_reader;

GRANT SELECT ON TABLE public.event TO herald_reader;

GRANT SELECT ON TABLE public.exclusion TO herald_reader;

GRANT SELECT ON TABLE public.incident TO herald_reader;

GRANT SELECT ON TABLE public.ingest_batch TO herald_reader;

GRANT SELECT ON TABLE public.ingest_position TO herald_reader;

GRANT SELECT ON TABLE public.ingest_writer TO herald_reader;

GRANT SELECT ON TABLE public.objective TO herald_reader;

GRANT SELECT ON TABLE public.objective_generation TO herald_reader;

GRANT SELECT ON TABLE public.pin TO herald_reader;

GRANT SELECT ON TABLE public.rollup_dirty TO herald_reader;

GRANT SELECT ON TABLE public.schema_migration TO herald_reader;

GRANT SELECT ON TABLE public.sli TO herald_reader;

GRANT SELECT ON TABLE public.sli_hour TO herald_reader;

GRANT SELECT ON TABLE public.sli_revision TO herald_reader;

GRANT SELECT ON TABLE public.span TO herald_reader;

GRANT SELECT ON TABLE public.tomography TO herald_reader;

GRANT SELECT ON TABLE public.topology TO herald_reader;

GRANT SELECT ON TABLE slo.alert TO herald_reader;

GRANT SELECT ON TABLE slo.budget TO herald_reader;

GRANT SELECT ON TABLE slo.budget_hour TO herald_reader;

GRANT SELECT ON TABLE slo.exclusion TO herald_reader;

GRANT SELECT ON TABLE slo.incident TO herald_reader;

GRANT SELECT ON TABLE slo.sli TO herald_reader;

GRANT SELECT ON TABLE slo.status TO herald_reader;

ALTER DEFAULT PRIVILEGES FOR ROLE herald IN SCHEMA public GRANT SELECT ON TABLES TO herald_reader;

ALTER DEFAULT PRIVILEGES FOR ROLE herald IN SCHEMA slo GRANT SELECT ON TABLES TO herald_reader;
