"""Nicknames and the given names behind them: English by the package nicknames, other languages by data/nicknames.toml."""

from __future__ import annotations

from functools import lru_cache

from profiles.normalise.name_data import NICKNAMES


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Formal names by nickname, and every English given name and nickname known (read on first use: 30 ms)."""
    from nicknames import name_triplets

    formal = {nickname: set(names) for nickname, names in NICKNAMES.items()}
    english: set[str] = set()
    for row in name_triplets():
        formal.setdefault(row.name2, set()).add(row.name1)
        english.update((row.name1, row.name2))
    return {nickname: frozenset(names) for nickname, names in formal.items()}, frozenset(english)


def is_given_name(token: str) -> bool:
    """Whether a folded token is an English given name or nickname."""
    return token in _tables()[1]


@lru_cache(maxsize=16384)
def formal_names(token: str) -> tuple[str, ...]:
    """A folded given-name token and the formal names behind it, sorted after the token: bob -> ("bob", "bert", "bobby", "robert").

    Two nicknames of one formal name share it ("bob", "rob": "robert"). Evidence, not identity: bill is William and Willis.
    """
    return (token, *sorted(_tables()[0].get(token, frozenset()) - {token}))
