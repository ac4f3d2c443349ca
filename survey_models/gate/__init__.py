"""承包质量关口: what was handed out, what came back, back-checks, tests, and the signed acceptance of a file."""
