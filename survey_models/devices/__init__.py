"""评价器: terminals, paired with one window."""
