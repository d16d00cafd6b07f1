"""The simulated devices: each advances through time and reports to a tally, and can say what is really so."""
