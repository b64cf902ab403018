"""Reads the tables the normalisers ship with (profiles/normalise/data/*.tsv), and those an operator adds.

One row: what is shown, a tab, its other spellings with "|" between them. Lines starting with "# " are comments. The files live beside the
normalisers, in data/, because profiles imports nothing of ours and the same words serve every engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

Row = tuple[str, tuple[str, ...]]


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for lists too long to read with quotes and commas."""
    return frozenset(words.split())


def parse_table(text: str) -> Iterator[Row]:
    """Rows of a table's text."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("# "):
            shown, _, rest = line.partition("\t")
            yield shown.strip(), tuple(s for s in (r.strip() for r in rest.split("|")) if s)


def read_table(name: str) -> list[Row]:
    """Rows of a shipped table."""
    return list(parse_table((files("profiles.normalise.data") / name).read_text(encoding="utf-8")))


def read_table_file(path: Path) -> list[Row]:
    """Rows of a table anywhere; none when there is no such file."""
    return list(parse_table(path.read_text(encoding="utf-8"))) if path.is_file() else []
