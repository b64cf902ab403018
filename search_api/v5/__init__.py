"""/v5: the interface of People Data Labs, so that programs written for its client ask roster instead.

Their names for fields and errors, their query languages and their shapes of answers live here and nowhere else. What a question means is
said in the clauses of engines/query.py, and people are read through the same door as everywhere (privacy/reading.py).
"""
