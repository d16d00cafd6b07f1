"""The files with which Grafana finds the data source and the boards by itself. No password is ever in them."""

from typing import Any

from dashboards.source import DATASOURCE_NAME, DATASOURCE_TYPE, DATASOURCE_UID
from model.yaml_text import render_yaml

BOARDS_PATH = "/etc/herald/grafana/dashboards"
"""Where docker-compose.yml mounts the boards' JSON in Grafana's container."""

FOLDERS = {
    "overview": ("herald", "Herald"),
    "executive": ("herald-executive", "Herald executive"),
    "on-call": ("herald-on-call", "Herald on call"),
    "debug": ("herald-debug", "Herald debug"),
}
"""Grafana's folders, uid and title, by the directory that their boards are written to: one for each audience."""

_NOTE = "# Written by `herald dashboards build`.\n"


def folder_of(tag: str) -> str:
    """Return the directory of the boards of an audience: its own, or that of all who look at the whole."""
    return tag if tag in FOLDERS else "overview"


def render_datasources() -> str:
    """Return the data source file; Grafana fills in `$GRAFANA_DB_PASSWORD` from its environment."""
    return _render({"apiVersion": 1, "prune": True, "datasources": [_database(), _alertmanager()]})


def _database() -> dict[str, Any]:
    return {
        "name": DATASOURCE_NAME,
        "uid": DATASOURCE_UID,
        "type": DATASOURCE_TYPE,
        "access": "proxy",
        "url": "timescaledb:5432",  # host:port, never the name of the database
        "user": "grafana",
        "isDefault": True,
        "editable": False,
        "jsonData": {
            "database": "herald",
            "sslmode": "disable",  # the database is a neighbour on the compose network
            "timescaledb": True,  # plain PostgreSQL has our own time_bucket
            "postgresVersion": 1500,  # and newer
            "timeInterval": "10s",
            "maxOpenConns": 20,
            "maxIdleConns": 20,
            "maxIdleConnsAuto": True,
            "connMaxLifetime": 14400,
        },
        "secureJsonData": {"password": "$GRAFANA_DB_PASSWORD"},
    }


def _alertmanager() -> dict[str, Any]:
    """Return the source by which Grafana shows and silences the alerts that Herald's engine sent."""
    return {
        "name": "Herald alerts",
        "uid": "herald-alertmanager",
        "type": "alertmanager",
        "access": "proxy",
        "url": "http://alertmanager:9093",
        "editable": False,
        "jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
    }


def render_providers() -> str:
    """Return the provider file: boards are read from a directory per folder and cannot be edited in the browser."""
    providers = [
        {
            "name": uid,
            "orgId": 1,
            "type": "file",
            "folder": title,
            "folderUid": uid,
            "disableDeletion": False,
            "updateIntervalSeconds": 30,
            "allowUiUpdates": False,
            "options": {"path": f"{BOARDS_PATH}/{directory}"},
        }
        for directory, (uid, title) in FOLDERS.items()
    ]
    return _render({"apiVersion": 1, "providers": providers})


def _render(document: dict[str, Any]) -> str:
    return _NOTE + render_yaml(document)
