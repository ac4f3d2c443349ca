"""问卷: option scales, items, versions and variants."""
