"""窗口工作人员: who is on duty at which window, their badges, and what a unit promises (亮身份、亮承诺)."""
