"""Our own rules, as tests. Each rule is a function over source text, and each is shown to catch a planted fault."""
