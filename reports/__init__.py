"""From numbers to prose: SLO reports, and suspects for an incident.

Reads plain values through the Protocols it declares; never a database, never the simulator.
"""
