"""Synonym files: data, read by profiles/normalise through mappings-free paths or by the query builder."""
