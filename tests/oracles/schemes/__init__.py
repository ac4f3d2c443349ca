"""A second implementation of five policy documents (另一套算法), written from their texts.

Nothing of the product is imported here: the figures come from the workbook of counts and marks that the product
exports, the rules from the documents themselves. Where a document is silent, the printed method section says what the
office set, and that is what stands here.
"""
