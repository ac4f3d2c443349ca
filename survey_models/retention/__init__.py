"""证据保存: sealed evidence is kept, locked, and erased by two people once its time is over."""
