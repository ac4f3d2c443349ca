"""表格: reading and writing xlsx and csv."""
