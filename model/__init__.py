"""Words that everyone shares: registry, units, points, readings, windows, clock, topology, errors.

Imports nothing of ours.
"""
