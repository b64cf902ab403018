"""Data files the normalisers read, each with its origin in its first lines."""
