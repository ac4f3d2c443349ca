"""评议票: one sheet, many units; one door, one writer."""
