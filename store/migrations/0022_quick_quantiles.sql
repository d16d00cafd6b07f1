-- A quantile adds up its buckets itself: an inner query for their sum took most of the time. The answers stay the same.

create or replace function histogram_quantile(q float8, bounds float8[], buckets bigint[]) returns float8
language plpgsql immutable parallel safe as $$
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
