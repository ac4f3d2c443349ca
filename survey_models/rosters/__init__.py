"""名册: representatives and invited persons; never joined to tickets."""
