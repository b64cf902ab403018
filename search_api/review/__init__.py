"""Review: which profiles may be one person, and a person's word on them."""
