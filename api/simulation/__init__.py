"""模拟答题: people who do not exist answer as phones would, and what they think is written down beside."""
