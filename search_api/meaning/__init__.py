"""What the words of a search mean, one file per kind of value: pure functions from text to clauses of engines/query.py."""
