"""Background jobs: what each kind does (handlers) and the loop that does it (worker)."""
