"""票: the right to answer once."""
