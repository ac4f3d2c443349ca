"""被评议单位: units, departments, windows, with their links through renames and mergers."""
