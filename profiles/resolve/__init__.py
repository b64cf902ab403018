"""Resolving: which records are one person. Pure functions; the indexer brings the candidates."""
