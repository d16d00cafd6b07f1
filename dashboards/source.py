"""The one data source of every board: Herald's PostgreSQL, read by a role that may only SELECT."""

DATASOURCE_NAME = "Herald"
DATASOURCE_UID = "herald-pg"
DATASOURCE_TYPE = "grafana-postgresql-datasource"

DATASOURCE_REF = {"type": DATASOURCE_TYPE, "uid": "${datasource}"}
"""Panels name the variable `datasource`, whose value is `DATASOURCE_UID`, so that a reader may point elsewhere."""
