"""Tests of the running program over HTTP."""
