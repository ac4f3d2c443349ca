"""Tests in a real browser against the running product."""
