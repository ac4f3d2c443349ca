"""Endpoints, one module for each noun: a guard in each signature, one service call in each body."""
