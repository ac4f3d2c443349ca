"""Tests of draws: methods, replay, extension, and the verifier that shares nothing with them."""
