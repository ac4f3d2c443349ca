"""Evidence (证据包): what anybody, and what an auditor, needs to check a counted campaign without trusting us."""
