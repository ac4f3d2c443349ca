"""Wire shapes: what comes in and goes out, one module for each noun."""
