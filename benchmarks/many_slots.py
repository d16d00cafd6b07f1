"""Make a month of a fleet into one of a thousand slots, in the database: 20 memory banks of 50 slots.

Banks are copies of banks and slots copies of slots, with their series, hours, objectives and budgets of the month; of
minutes and points the last day is copied. That is what boards over a month read, and it takes minutes, not a day.
"""

from store import connect
from store.database import Connection

BANKS, SLOTS = 20, 50
_MONTH_TABLES = ("number_hour", "histogram_hour")
_DAY_TABLES = ("number_minute", "histogram_minute", "point", "histogram")
_ENTITY_TABLES = {"sli_hour": "hour", "budget_hour": "hour", "budget": "time", "sli": "minute"}
_DAY_ONLY = {"budget", "sli"}

# Which device and slot stand for which: every new one is a copy of one that was there.
_MAP = """
create temporary table copied as
with bank as (
    select device, row_number() over (order by device) - 1 as number, count(*) over () as banks
      from (select distinct device from series where slot <> '') as found
), slot as (
    select distinct device, slot, dense_rank() over (partition by device order by slot) - 1 as number,
           (select count(distinct slot) from series where slot <> '') as slots
      from series where slot <> ''
), wanted as (
    select bank.device, bank.device || case when copy = 0 then '' else '-' || copy end as new_device, copy
      from bank, generate_series(0, {banks}) as copy where copy * bank.banks + bank.number < {banks}
)
select wanted.device, '' as slot, new_device, '' as new_slot from wanted where copy > 0
union all
select wanted.device, slot.slot, new_device, 'slot-' || place
  from wanted join slot using (device), generate_series(0, {slots} - 1) as place
 where place % slot.slots = slot.number and (copy > 0 or place >= slot.slots)
"""
_SERIES = """
create temporary table copied_series as
select series.id, copied.new_device, copied.new_slot,
       decode(md5(encode(identity, 'hex') || new_device || new_slot), 'hex') as new_identity
  from series join copied on copied.device = series.device and copied.slot = coalesce(series.slot, '');
insert into series (metric, kind, unit, temporality, monotonic, resource, scope, scope_version, attributes, site,
                    device, slot, link, backend, tenant, identity, last_time, scope_attributes)
select metric, kind, unit, temporality, monotonic, resource, scope, scope_version,
       attributes || jsonb_build_object('quantum.device.id', new_device)
         || case when new_slot <> '' then jsonb_build_object('quantum.slot.id', new_slot) else '{}' end,
       site, new_device, case when new_slot <> '' then new_slot else slot end, link, backend, tenant, new_identity,
       last_time, scope_attributes
  from copied_series join series using (id);
create temporary table new_series as
select copied_series.id as old_id, series.id as new_id
  from copied_series join series on series.identity = copied_series.new_identity;
analyze new_series
"""
_ENTITIES = """
create temporary table copied_entity as
select entity.id, objective, device, new_device, new_slot,
       labels || jsonb_build_object('device', new_device)
         || case when new_slot <> '' then jsonb_build_object('slot', new_slot) else '{}' end as new_labels
  from entity join copied using (device) where copied.slot = coalesce(entity.slot, '');
insert into entity (objective, labels, site, device, slot, link, backend, tenant, expected_since)
select objective, new_labels, site, new_device, nullif(new_slot, ''), link, backend, tenant, expected_since
  from copied_entity join entity using (id, objective)
on conflict do nothing;
create temporary table new_entity as
select copied_entity.id as old_id, entity.id as new_id
  from copied_entity join entity on entity.objective = copied_entity.objective and entity.labels = new_labels;
analyze new_entity
"""

# All slots of a device, as the rollups keep them: under the negative id of the first.
_DEVICES = """
create temporary table device_of_slot as
select id, -min(id) over (partition by metric, site, device) as device_id
  from series where metric in (select metric from series where slot <> '');
delete from number_minute where series_id < 0;
delete from number_hour where series_id < 0;
delete from histogram_minute where series_id < 0;
delete from histogram_hour where series_id < 0;
insert into number_minute (time, series_id, count, sum, min, max, last, increase)
select time, device_id, sum(count), sum(sum), min(min), max(max), max(last), sum(increase)
  from number_minute join device_of_slot on id = series_id group by 1, 2;
insert into number_hour (time, series_id, count, sum, min, max, last, increase)
select time, device_id, sum(count), sum(sum), min(min), max(max), max(last), sum(increase)
  from number_hour join device_of_slot on id = series_id group by 1, 2;
insert into histogram_minute (time, series_id, count, sum, min, max, bounds, buckets)
select time, device_id, sum(count), sum(sum), min(min), max(max), bounds, histogram_sum(buckets)
  from histogram_minute join device_of_slot on id = series_id group by time, device_id, bounds;
insert into histogram_hour (time, series_id, count, sum, min, max, bounds, buckets)
select time, device_id, sum(count), sum(sum), min(min), max(max), bounds, histogram_sum(buckets)
  from histogram_hour join device_of_slot on id = series_id group by time, device_id, bounds
"""


def enlarge(database: str, *, end: str) -> int:
    """Copy banks and slots, the last day before `end` (a time in SQL) where that is enough; return how many slots."""
    with connect(database) as connection:
        connection.execute(b"set session_replication_role = replica")  # hours are copied, not added up
        connection.execute(_MAP.replace("{banks}", str(BANKS)).replace("{slots}", str(SLOTS)).encode())
        _run(connection, _SERIES)
        _run(connection, _ENTITIES)
        day = f"{{time}} > timestamptz '{end}' - interval '1 day'"
        for table in (*_MONTH_TABLES, *_DAY_TABLES):
            within = day.format(time="time") if table in _DAY_TABLES else "true"
            _copy(connection, table, "series_id", "new_series", within)
        for table, time in _ENTITY_TABLES.items():
            within = day.format(time=time) if table in _DAY_ONLY else "true"
            _copy(connection, table, "entity_id", "new_entity", within)
        _run(connection, _DEVICES)
        connection.execute(b"vacuum analyze")
        counted = connection.execute(b"select count(distinct (device, slot)) from series where slot <> ''").fetchone()
    return int(counted[0]) if counted else 0


def _run(connection: Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        connection.execute(statement.encode())


def _copy(connection: Connection, table: str, key: str, copies: str, within: str) -> None:
    """Insert the rows of a table again for each copy of what its `key` names."""
    listed = connection.execute(
        b"select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        b" and attname <> %s order by attnum",
        (table, key),
    ).fetchall()
    columns = ", ".join(name for (name,) in listed)
    statement = f"""
        insert into {table} ({key}, {columns})
        select new_id, {columns} from {table} join {copies} on old_id = {key} where {within}"""
    connection.execute(statement.encode())
