"""other offices' scores (电视问政, 督查, 互评)."""
