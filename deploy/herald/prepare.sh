#!/bin/sh
# What must stand before the other services start: the schema, and the files that Grafana, Prometheus and Alertmanager read.
set -eu
generated=/var/lib/herald/generated
herald db migrate
herald dashboards build --out "$generated/grafana"
herald rules build --out "$generated/rules"
