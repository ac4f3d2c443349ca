"""评分办法: versioned documents."""
