"""报送任务: who owes what to whom by when; submissions, receipts, public deeds and their progress."""
