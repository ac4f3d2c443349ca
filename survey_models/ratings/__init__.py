"""窗口评价: one visit, one window."""
