"""The ground every noun stands on: declarative base, clock, errors, ids, canonical bytes."""
