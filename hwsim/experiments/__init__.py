"""Simulated measurements: shots at chosen settings, then the estimate that a laboratory would publish.

Truth goes in, counts are drawn, and only the counts go into the fit: what comes out is a value with its standard
error, as uncertain as the shots make it. Thousands of slots or qubits are fitted at once; rows are independent.
"""
