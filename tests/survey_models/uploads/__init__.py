"""Tests of contractors' files."""
