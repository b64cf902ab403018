"""Normalisers: one file per kind of value, the same at index time and at query time. NORMALISERS lists them all."""

NORMALISER_VERSION = 1
