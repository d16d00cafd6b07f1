"""The answers of the OTLP doors as data: a table, what its words stand for, and the page that shows it."""
