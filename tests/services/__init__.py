"""Real services for tests, without Docker: PostgreSQL with TimescaleDB, Alertmanager and Prometheus from Debian."""
