-- Rollups of exponential histograms keep the zero threshold of their points, and what counts samples heeds it.

alter table histogram_minute add column zero_threshold double precision;
alter table histogram_hour add column zero_threshold double precision;
comment on column histogram_minute.zero_threshold is 'zero_count counts values whose magnitude is at most this; null is 0';
comment on column histogram_hour.zero_threshold is 'zero_count counts values whose magnitude is at most this; null is 0';

create function exponential_bound(scale smallint, index bigint) returns float8 language sql immutable strict parallel safe
return case when index * power(2::float8, -scale) >= 1024 then 'Infinity'::float8
            when index * power(2::float8, -scale) < -1074 then 0
            else power(2::float8, index * power(2::float8, -scale)) end;
comment on function exponential_bound(smallint, bigint) is
    'The lower bound of a bucket of an exponential histogram, as near as a double comes to it';

create function exponential_index(scale smallint, x float8) returns bigint
language plpgsql immutable strict parallel safe as $$
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
comment on function exponential_index(smallint, float8) is
    'The bucket of an exponential histogram that x > 0 lies in or is the lower bound of';

-- The default is for whoever still counts as before.
drop function exponential_above(smallint, bigint, integer, bigint[], float8);
create function exponential_above(scale smallint, zero_count bigint, positive_offset integer, positive bigint[], x float8,
                                  zero_threshold float8 default 0)
returns bigint
language plpgsql immutable parallel safe as $$
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
comment on function exponential_above(smallint, bigint, integer, bigint[], float8, float8) is
    'Samples greater than x of an exponential histogram; null where x is neither a bound nor the zero threshold, or less than that';

-- What was rolled up without its thresholds is rolled up again.
insert into rollup_dirty
select distinct series.metric, date_bin('1 minute', histogram.time - interval '1 microsecond', '2000-01-01 00:00:00+00')
  from series join histogram on histogram.series_id = series.id
 where series.kind = 'exponential_histogram' and histogram.zero_threshold > 0;
