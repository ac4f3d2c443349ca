"""Tests of printed and exported sheets."""
