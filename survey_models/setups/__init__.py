"""新建测评: a campaign of one's own outside a round, put together step by step and saved at each step."""
