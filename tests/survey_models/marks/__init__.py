"""Tests of marks (评分)."""
