"""Dashboards as code: grafanalib boards rendered to Grafana JSON, with the files that provision them.

The same JSON is drawn by Grafana and by Herald's own web application. The panels' SQL lives here; nothing here
ever runs it. grafanalib is imported in this package only.
"""

from dashboards.build import build_boards, check_boards, write_boards
from dashboards.reference import render_reference
from dashboards.source import DATASOURCE_TYPE, DATASOURCE_UID

__all__ = [
    "DATASOURCE_TYPE",
    "DATASOURCE_UID",
    "build_boards",
    "check_boards",
    "render_reference",
    "write_boards",
]
