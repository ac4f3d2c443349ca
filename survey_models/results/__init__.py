"""得分、排名: computed from counted ballots, immutable."""
