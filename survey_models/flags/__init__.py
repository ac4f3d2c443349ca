"""疑点: signs of stuffing (刷票) and drummed-up votes (拉票), found by rules frozen beforehand; they never delete."""
