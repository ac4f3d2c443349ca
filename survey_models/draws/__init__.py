"""抽样: planned before the seed, run once, replayable by anybody."""
