"""`roster taxonomy`: the full skill taxonomies of their publishers."""

from __future__ import annotations

import click


@click.group()
def taxonomy() -> None:
    """X."""
