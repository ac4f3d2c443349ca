"""服务承诺 and 离岗告示: time limits promised in public, and who is away from a post."""
