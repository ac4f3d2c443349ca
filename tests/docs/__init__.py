"""Tests of the guides and of both READMEs."""
