"""Answer the queries of dashboards: look the SQL up, put variables and macros in, run it, frame the rows.

Synchronous and safe to call from several threads. One panel's failure is that panel's error, never the board's.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from model.cancellation import Cancellation
from model.clock import SECOND_NS, Clock
from model.errors import HeraldError, InvalidInputError
from model.windows import Window
from web.annotations import MARKS_LIMIT, build_annotations
from web.boards import Board
from web.frames import build_fields, encode_frame
from web.intervals import choose_interval_ms, parse_range_ms
from web.macros import Fill, QueryRange, expand_macros
from web.sources import PanelSource, Table
from web.sql_text import remove_comments
from web.variables import ALL, Option, Selection, Variable, choose, correct, find_unknown, interpolate

ROW_LIMIT = 50_000
OPTION_LIMIT = 1000
TIMEOUT_S = 10.0
MIN_INTERVAL_MS = 10_000  # the data source's timeInterval: agents report every few seconds

Asked = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuery:
    """What the browser asks for one query of one panel."""

    board: Board
    panel_id: int
    ref_id: str
    max_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """A range in epoch milliseconds."""

    from_ms: int
    to_ms: int


class PanelQueries:
    """Runs what boards ask against one source."""

    def __init__(
        self,
        source: PanelSource,
        clock: Clock,
        *,
        options: "_OptionCache | None" = None,
        cancellation: Cancellation | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._options = options or _OptionCache(clock)
        self._cancellation = cancellation

    def until(self, cancellation: Cancellation) -> "PanelQueries":
        """Return the same queries for one request, whose statements end when `cancellation` asks for it."""
        return PanelQueries(self._source, self._clock, options=self._options, cancellation=cancellation)

    def resolve_range(self, start: str, end: str) -> TimeRange:
        """Return the range in milliseconds that e.g. `now-6h` to `now` is at this moment."""
        from_ms, to_ms = parse_range_ms(start, end, self._clock.now_ns() // 1_000_000)
        return TimeRange(from_ms=from_ms, to_ms=to_ms)

    def describe_variables(self, board: Board, asked: Asked, span: TimeRange) -> list[dict[str, object]]:
        """Return every variable with its options and choice; what was asked for in vain is told and corrected."""
        described = []
        chosen: dict[str, Selection] = {}
        for variable in board.variables:
            options, error = self._try_options(variable, chosen, span)
            wanted = asked.get(variable.name, ())
            values = correct(variable, options, wanted)
            chosen[variable.name] = choose(variable, options, values)
            unknown = () if error else find_unknown(options, wanted)
            described.append({**_describe(variable, options, values, error), "unknown": list(unknown)})
        return described

    def run(self, query: PanelQuery, asked: Asked, span: TimeRange) -> dict[str, object]:
        """Return Grafana's result of one query: frames, or the error in words."""
        try:
            return {"status": 200, "frames": [self._frame(query, asked, span)]}
        except InvalidInputError as exc:
            return {"status": 400, "error": str(exc), "frames": []}
        except HeraldError as exc:
            return {"status": 503, "error": str(exc), "frames": []}

    def read_annotations(self, board: Board, asked: Asked, span: TimeRange) -> list[dict[str, object]]:
        """Return the annotations of every annotation query of the board, by time.

        What was asked for in vain is corrected, as the page does that asks for its variables at the same time.
        """
        selections = self._select(board, asked, span, corrected=True)
        within = Window(start_ns=span.from_ms * 1_000_000, end_ns=span.to_ms * 1_000_000)
        found: list[dict[str, object]] = []
        for query in board.annotations:
            table, _, _ = self._ask(query.sql, selections, _query_range(span, 1000, 0), MARKS_LIMIT)
            found += build_annotations(table, query, within)
        return sorted(found, key=lambda each: (each["time"], each["text"]))

    def _frame(self, query: PanelQuery, asked: Asked, span: TimeRange) -> dict[str, object]:
        target = query.board.target(query.panel_id, query.ref_id)
        selections = self._select(query.board, asked, span)
        query_range = _query_range(span, query.max_points, target.min_interval_ms)
        table, sql, fill = self._ask(target.sql, selections, query_range, ROW_LIMIT)
        fields = build_fields(table, form=target.form, query_range=query_range, fill=fill)
        limit = ROW_LIMIT if table.truncated else None
        return encode_frame(fields, ref_id=query.ref_id, sql=sql, limited_to=limit)

    def _select(
        self, board: Board, asked: Asked, span: TimeRange, *, corrected: bool = False
    ) -> dict[str, Selection]:
        chosen: dict[str, Selection] = {}
        for variable in board.variables:
            options = self._read_options(variable, chosen, span)
            wanted = asked.get(variable.name, ())
            valid = correct(variable, options, wanted) if corrected or not wanted else wanted
            chosen[variable.name] = choose(variable, options, valid)
        return chosen

    def _try_options(
        self, variable: Variable, chosen: Mapping[str, Selection], span: TimeRange
    ) -> tuple[tuple[Option, ...], str]:
        try:
            return self._read_options(variable, chosen, span), ""
        except InvalidInputError as exc:
            return (), str(exc)

    def _read_options(
        self, variable: Variable, chosen: Mapping[str, Selection], span: TimeRange
    ) -> tuple[Option, ...]:
        if not variable.sql:
            return variable.options
        sql, _ = _prepare(variable.sql, chosen, _query_range(span, 1000, 0))
        known = self._options.get(sql)
        if known is None:
            table = self._read(sql, OPTION_LIMIT)
            known = _to_options(table)
            self._options.put(sql, known)
        return known

    def _ask(
        self, sql: str, selections: Mapping[str, Selection], query_range: QueryRange, row_limit: int
    ) -> tuple[Table, str, Fill | None]:
        final, fill = _prepare(sql, selections, query_range)
        return self._read(final, row_limit), final, fill

    def _read(self, sql: str, row_limit: int) -> Table:
        return self._source.read_table(sql, row_limit=row_limit, timeout_s=TIMEOUT_S, cancellation=self._cancellation)


class _OptionCache:
    """Options by the statement that asks for them, so that the panels of a board do not all ask again."""

    _KEEP_NS = 15 * SECOND_NS
    _SIZE = 256

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[int, tuple[Option, ...]]] = OrderedDict()

    def get(self, sql: str) -> tuple[Option, ...] | None:
        with self._lock:
            read_ns, options = self._known.get(sql, (0, ()))
        return options if self._clock.now_ns() - read_ns < self._KEEP_NS else None

    def put(self, sql: str, options: tuple[Option, ...]) -> None:
        with self._lock:
            self._known[sql] = (self._clock.now_ns(), options)
            self._known.move_to_end(sql)
            while len(self._known) > self._SIZE:
                self._known.popitem(last=False)


def _query_range(span: TimeRange, max_points: int, least_ms: int) -> QueryRange:
    at_least_ms = max(least_ms, 0) or MIN_INTERVAL_MS
    interval_ms = choose_interval_ms(span.from_ms, span.to_ms, max_points, at_least_ms)
    return QueryRange(from_ms=span.from_ms, to_ms=span.to_ms, interval_ms=interval_ms)


def _prepare(sql: str, chosen: Mapping[str, Selection], query_range: QueryRange) -> tuple[str, Fill | None]:
    interpolated = interpolate(sql, chosen, query_range)
    expanded = expand_macros(remove_comments(interpolated.sql), query_range)
    return interpolated.fill_in(expanded.sql), expanded.fill


def _to_options(table: Table) -> tuple[Option, ...]:
    """Return the options of a variable query: `__text`/`__value` columns, or the first column for both."""
    names = [column.name for column in table.columns]
    text = names.index("__text") if "__text" in names else 0
    value = names.index("__value") if "__value" in names else text
    rows = [row for row in table.rows if row and row[value] is not None]
    options = [Option(str(row[text] if row[text] is not None else row[value]), str(row[value])) for row in rows]
    return tuple(dict.fromkeys(options))


def _describe(variable: Variable, options: Sequence[Option], chosen: Sequence[str], error: str) -> dict[str, object]:
    return {
        "name": variable.name,
        "label": variable.label,
        "kind": variable.kind,
        "multi": variable.multi,
        "includeAll": variable.include_all,
        "hidden": variable.hidden or variable.kind in ("datasource", "constant"),
        "options": [{"text": option.text, "value": option.value} for option in options],
        "chosen": list(chosen),
        "all": ALL,
        "error": error,
    }
