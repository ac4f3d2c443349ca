"""办件: finished cases of a window, for one rating each."""
