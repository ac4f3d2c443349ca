"""Tests of duties (报送任务)."""
