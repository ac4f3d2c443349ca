"""后台任务: claimed by lease, done once."""
