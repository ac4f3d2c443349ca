"""检查计划: which units must be checked, how many more are drawn, and how far the inspectors are."""
