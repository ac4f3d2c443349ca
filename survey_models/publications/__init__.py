"""公布: documents, bundles and the public page of a round, from its stored results."""
