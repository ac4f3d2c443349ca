"""导出: printed and exported sheets."""
