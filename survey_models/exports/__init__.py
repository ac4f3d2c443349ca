"""导出: what was counted, as tables for offices, statisticians and machines, whole or not at all."""
