"""What a 评议 is: tables, queries, rules, ballot box, ledger. Knows no HTTP and no environment."""
