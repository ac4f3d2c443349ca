"""Tests of the scheme language and its evaluation."""
