"""抽样框: counts frames (populations and test points) and list frames (rows)."""
