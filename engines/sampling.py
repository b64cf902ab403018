"""What a new index is asked before it is put in use. Pure, the same for every engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engines.query import AllOf, SearchQuery, Term

SAMPLE = 500
"""Profiles compared entry by entry, evenly spread: a fault in one entry of a hundred shows in 99 of 100 looks."""

QUESTIONS = 50
"""Of these, how many are searched for by their own words: a field that was not indexed at all shows with the first that has it."""

_LONGEST = 200  # letters; longer words are no test of anything, and engines have limits of their own for a term


def every_one_in(total: int) -> int:
    """Of how many profiles one is looked at, so that SAMPLE are."""
    return max(1, total // SAMPLE)


def question_about(entry: Mapping[str, Any], types: Mapping[str, str], today: date) -> SearchQuery:
    """A search that this entry alone answers, if it is rightly indexed: its id, and a word of each field that can be searched.

    entry: as engines/document.py makes it.    types: field -> type in the mapping.    today: the day it was made for.
    """
    words = []
    for name, kind in types.items():
        told = entry.get(name)
        first = (told[0] if isinstance(told, list) else told) if told else ""
        token = next(iter(first.split()), "") if kind == "text" else first if kind == "keyword" else ""
        if 0 < len(token) <= _LONGEST:
            words.append(Term(name, token))
    return SearchQuery(match=AllOf(tuple(words)), filters=(Term("id", entry["id"]),), size=0, today=today)
