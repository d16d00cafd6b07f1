"""Measurements of Herald, each beside something simpler on the same machine in the same minute.

A figure alone says as much about the machine as about the program; the ratio to its neighbour travels better. Nothing
here decides whether a figure is good: tests hold correctness, these numbers only say what it costs.
"""
