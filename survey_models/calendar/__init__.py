"""工作日历: which days offices work, and deadlines in working days."""
