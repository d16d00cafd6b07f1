-- Arithmetic on explicit histograms: buckets[i] counts values in (bounds[i-1], bounds[i]], the last one is open.

create function histogram_above(bounds float8[], buckets bigint[], x float8) returns bigint
language sql immutable parallel safe
return case when array_position(bounds, x) is not null then
    (select coalesce(sum(n), 0)::bigint from unnest(buckets[array_position(bounds, x) + 1:]) as n)
end;
comment on function histogram_above(float8[], bigint[], float8) is 'Samples greater than x; null where x is not a bound';

create function exponential_above(scale smallint, zero_count bigint, positive_offset integer, positive bigint[], x float8)
returns bigint
language plpgsql immutable parallel safe as $$
declare
    step float8 := power(2::float8, -scale);
    index bigint;
    positive_count bigint := coalesce((select sum(n) from unnest(positive) as n), 0);
begin
    if x = 0 then
        return positive_count;
    elsif x < 0 then
        return null;
    end if;
    index := round(ln(x) / ln(2::float8) / step);
    if power(2::float8, index * step) <> x then
        return null;
    end if;
    return (select coalesce(sum(n), 0) from unnest(positive) with ordinality as bucket(n, i)
             where positive_offset + i - 1 >= index);
end
$$;
comment on function exponential_above(smallint, bigint, integer, bigint[], float8) is
    'Samples greater than x of an exponential histogram; null where x is not a bound';

create function histogram_quantile(q float8, bounds float8[], buckets bigint[]) returns float8
language plpgsql immutable parallel safe as $$
declare
    total float8 := (select sum(n) from unnest(buckets) as n);
    wanted float8;
    below float8 := 0;
    low float8;
begin
    if total is null or total = 0 or q is null or q < 0 or q > 1 then
        return null;
    end if;
    wanted := q * total;
    for i in 1 .. cardinality(buckets) loop
        if buckets[i] > 0 and below + buckets[i] >= wanted then
            if i > cardinality(bounds) then
                return bounds[cardinality(bounds)];
            end if;
            low := case when i > 1 then bounds[i - 1] else least(bounds[1], 0) end;
            return low + (bounds[i] - low) * greatest(wanted - below, 0) / buckets[i];
        end if;
        below := below + buckets[i];
    end loop;
    return bounds[cardinality(bounds)];
end
$$;
comment on function histogram_quantile(float8, float8[], bigint[]) is
    'The q-quantile, linear inside its bucket; the last bound for samples above it, null without samples';

-- In plpgsql, because its arrays are changed in place: half the time of SQL.
create function histogram_add(a bigint[], b bigint[]) returns bigint[]
language plpgsql immutable parallel safe as $$
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
comment on function histogram_add(bigint[], bigint[]) is 'Bucket by bucket; a shorter array counts as zeros beyond its end';

create aggregate histogram_sum(bigint[]) (
    sfunc = histogram_add, stype = bigint[], combinefunc = histogram_add, parallel = safe
);
comment on aggregate histogram_sum(bigint[]) is 'Bucket by bucket; only for histograms with the same bounds';
