"""上传: contractors' files, all faults or all rows."""
