"""Closed forms of the physics that the simulated devices obey, each with its equation and reference.

Nothing here draws random numbers, keeps state or knows a metric. Fidelity always means the squared (Jozsa)
fidelity; times are seconds, losses and probabilities lie in 0..1.
"""
