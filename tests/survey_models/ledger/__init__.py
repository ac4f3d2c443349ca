"""Tests of the ledger: trees, notes, promises, the sequencer and witnesses."""
