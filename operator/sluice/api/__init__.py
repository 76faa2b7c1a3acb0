"""What users write and read: typed objects, conditions, documents, and the CRDs made from them."""
