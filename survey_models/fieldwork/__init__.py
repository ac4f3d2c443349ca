"""进度: targets and counters, never rows."""
