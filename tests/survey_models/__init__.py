"""Tests of what a 评议 is, noun by noun."""
