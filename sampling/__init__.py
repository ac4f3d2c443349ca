"""Statistics of the survey: allocation, draw, estimates, ranks.

Pure functions of plain data: what goes in (lists, mappings, numpy arrays, a
seed) decides what comes out. Nothing here reads a file, a clock, a database or
a source of randomness, so that anybody can repeat every figure.
"""
