"""审计视图: who did what when, read from the ledger, and who asked for and confirmed what needs two people."""
