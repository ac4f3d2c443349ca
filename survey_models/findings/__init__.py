"""明查暗访、投诉、扣分、整改 and their time limits."""
