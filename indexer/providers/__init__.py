"""Asking enrichment providers for what is lacking, within what privacy/providers.py allows; answers become a feed of their own."""
