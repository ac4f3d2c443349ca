"""印制: cards, envelopes, labels and posters as PDF; the codes on them are in memory alone."""
