"""Panels of traces: the newest jobs, those that failed, and the stages of the one that was chosen."""

from grafanalib import core

from dashboards.look import BAD, GOOD, SECONDS, WARN, word_mappings
from dashboards.panels import MOMENT, Column, Head, Link, table
from dashboards.sql import one_of, sql
from model.names import (
    ATTR_BACKEND_ID,
    ATTR_JOB_FAILURE_REASON,
    ATTR_JOB_ID,
    ATTR_JOB_PRIORITY,
    ATTR_OUTCOME,
    ATTR_TENANT_ID,
)

CHOSEN_JOB = one_of(f"attributes ->> '{ATTR_JOB_ID}'", "job")
_OUTCOMES = {"success": ("done", GOOD), "failure": ("FAILED", BAD), "timeout": ("TIMED OUT", WARN)}
_NONE = "no traced job in this range"


def latest_jobs(head: Head, root: str, condition: str, *, uid: str, failed: bool = False) -> core.Panel:
    """Return the newest jobs (with `failed`, those that did not succeed) whose trace begins with span `root`.

    A job leads to its stages on the board `uid`.
    """
    query = sql(
        """
        SELECT end_time AS "Ended", attributes ->> '@job' AS "Job", concat_ws(' ', nullif(device, ''),
          nullif(link, ''))
          AS "Where", attributes ->> '@backend' AS "Backend", attributes ->> '@tenant' AS "Tenant",
          attributes ->> '@priority' AS "Priority", extract(epoch FROM end_time - start_time)::float8 AS "Took",
          attributes ->> '@outcome' AS "Outcome", attributes ->> '@reason' AS "Reason"
        FROM span WHERE $__timeFilter(start_time) AND name = '@root'@failed AND @condition
        ORDER BY start_time DESC LIMIT 50
        """,
        job=ATTR_JOB_ID,
        backend=ATTR_BACKEND_ID,
        tenant=ATTR_TENANT_ID,
        priority=ATTR_JOB_PRIORITY,
        outcome=ATTR_OUTCOME,
        reason=ATTR_JOB_FAILURE_REASON,
        root=root,
        failed=f" AND attributes ->> '{ATTR_OUTCOME}' <> 'success'" if failed else "",
        condition=condition,
    )
    url = f"/d/{uid}?var-job=${{__data.fields.Job}}&${{site:queryparam}}&${{__url_time_range}}"
    columns = {
        "Ended": MOMENT,
        "Job": Column(link=Link(title="Show the stages of this job", url=url)),
        "Took": Column(unit=SECONDS, decimals=1),
        "Outcome": Column(mappings=word_mappings(_OUTCOMES)),
    }
    return table(head, query, columns, no_value="no traced job failed in this range" if failed else _NONE)


def stages_of_job(head: Head, root: str, condition: str) -> core.Panel:
    """Return the stages of the newest chosen job from first to last: when each began, and how long it took."""
    query = sql(
        """
        WITH job AS (
          SELECT trace_id, start_time AS begun FROM span
          WHERE $__timeFilter(start_time) AND name = '@root' AND @chosen AND @condition
          ORDER BY start_time DESC LIMIT 1)
        SELECT name AS "Stage", extract(epoch FROM start_time - begun)::float8 AS "Began after",
          extract(epoch FROM end_time - start_time)::float8 AS "Took",
          CASE status WHEN 'error' THEN 'failure' ELSE 'success' END AS "Ended",
          attributes ->> '@job' AS "Job", trace_id AS "Trace"
        FROM job JOIN span USING (trace_id)
        WHERE $__timeFilter(start_time) ORDER BY start_time, end_time DESC, name
        """,
        root=root,
        chosen=CHOSEN_JOB,
        condition=condition,
        job=ATTR_JOB_ID,
    )
    columns = {
        "Began after": Column(unit=SECONDS, decimals=2),
        "Took": Column(unit=SECONDS, decimals=2, bar=True),
        "Ended": Column(mappings=word_mappings(_OUTCOMES)),
    }
    return table(head, query, columns, no_value=_NONE)
