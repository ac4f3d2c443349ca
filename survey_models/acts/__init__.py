"""两人事项: asked by one, confirmed by another."""
