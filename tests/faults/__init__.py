"""Faults against a real collector and a real PostgreSQL under load: nothing acknowledged may be lost or stored twice.

`python -m tests.faults` runs them and prints a table; `test_faults.py` is the short version of `make test`.
"""
