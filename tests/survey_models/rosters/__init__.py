"""Tests of rosters (名册)."""
