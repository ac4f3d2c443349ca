"""Measurements that print value, limit and ratio; each is a target of the Makefile."""
