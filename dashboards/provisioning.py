"""The files with which Grafana finds the data source and the boards by itself. No password is ever in them."""

from typing import Any

from dashboards.source import DATASOURCE_NAME, DATASOURCE_TYPE, DATASOURCE_UID
from model.yaml_text import render_yaml

BOARDS_PATH = "/etc/herald/grafana/dashboards"
"""Where docker-compose.yml mounts the boards' JSON in Grafana's container."""

_NOTE = "# Written by `herald dashboards build`.\n"


def render_datasource() -> str:
    """Return the data source file; Grafana fills in `$GRAFANA_DB_PASSWORD` from its environment."""
    source = {
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
    return _render({"apiVersion": 1, "prune": True, "datasources": [source]})


def render_provider() -> str:
    """Return the provider file: the boards are read from a folder and cannot be edited in the browser."""
    provider = {
        "name": "herald",
        "orgId": 1,
        "type": "file",
        "folder": "Herald",
        "folderUid": "herald",
        "disableDeletion": False,
        "updateIntervalSeconds": 30,
        "allowUiUpdates": False,
        "options": {"path": BOARDS_PATH},
    }
    return _render({"apiVersion": 1, "providers": [provider]})


def _render(document: dict[str, Any]) -> str:
    return _NOTE + render_yaml(document)
