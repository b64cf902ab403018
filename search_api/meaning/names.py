"""Names: each word by spelling, nickname, sound and edit distance, in that order of weight; word order is free."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from engines.query import AnyOf, Clause, Fuzzy, Prefix, Term
from mappings.reading import Ranking
from profiles.normalise.fold import fold_tokens
from profiles.normalise.name import formal_names, normalise_name, phonetic_codes
from profiles.normalise.result import Normalised
from search_api.meaning.clauses import best, every, favour, some

FUZZY_FROM = 4  # letters: one edit in three letters makes most short names each other (Lee, Leo, Lea)
TWO_EDITS_FROM = 8  # letters: two slips in a long name still leave most of it
ARTICLE = 2  # letters of an article within a compound name
PREFIX_FROM = 3  # letters of a word still being typed; two would match a tenth of all names


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name as the index knows them: titles ("Dr") and suffixes ("Jr") off when anything else is left."""
    found = normalise_name(text)
    if isinstance(found, Normalised):
        kept = (*found.parts["given_tokens"], *found.parts["family_tokens"])
        if kept:
            return tuple(dict.fromkeys(kept))
    return tuple(dict.fromkeys(fold_tokens(text)))


def name_clause(text: str, ranking: Ranking) -> Clause | None:
    """A name: every word must match in some way, of three or more all but one. None when there is no word in it.

    One of three may be missing because a middle name, a second surname or a title often is, in the question or in the profile.
    """
    words = name_words(text)
    if not words:
        return None
    clauses = [word_clause(word, ranking, last=False) for word in words]
    matched = some(clauses, len(words) - 1 if len(words) >= 3 else len(words))
    return favour(matched, whole_name(words, ranking)) if len(words) >= 2 else matched


def whole_name(words: Sequence[str], ranking: Ranking) -> list[Clause]:
    """The words as a whole name, as said and with the family name first."""
    orders = {" ".join(words), " ".join((*words[1:], words[0])), " ".join((words[-1], *words[:-1]))}
    return [Term("name_exact", order, ranking.weight("name", "whole"), "whole name") for order in sorted(orders)]


def word_clause(word: str, ranking: Ranking, *, last: bool) -> Clause:
    """One folded word of a name in every way it may be meant. last: it may still be being typed."""
    return best((*exactly(word, ranking), *roughly(word, ranking, last=last)))


def exactly(word: str, ranking: Ranking) -> list[Clause]:
    """The word as spelt, or a nickname's formal name; a single letter is an initial."""
    clauses: list[Clause] = [Term("name", word, ranking.weight("name", "exact"), "spelling")]
    if len(word) == 1:
        clauses.append(Prefix("name", word, ranking.weight("name", "initial"), "initial"))
    else:
        clauses += [Term("name_nickname", formal, ranking.weight("name", "nickname"), "nickname") for formal in formal_names(word)]
    return clauses


def roughly(word: str, ranking: Ranking, *, last: bool) -> list[Clause]:
    """The word by its sound and by edit distance. Both together are better evidence than either, so their scores add up.

    A name spelt exactly so matches all of these too, hence never scores less than one that only sounds alike.
    """
    clauses: list[Clause] = [Term("name_phonetic", code, ranking.weight("name", "phonetic"), "sound") for code in _codes(word)]
    if len(word) >= TWO_EDITS_FROM:
        clauses.append(Fuzzy("name", word, 2, ranking.weight("name", "two_edits"), "two edits"))
    if len(word) >= FUZZY_FROM:
        clauses.append(Fuzzy("name", word, 1, ranking.weight("name", "one_edit"), "one edit"))
    if last and len(word) >= PREFIX_FROM:
        clauses.append(Prefix("name", word, ranking.weight("name", "prefix"), "beginning"))
    return [AnyOf(tuple(clauses))] if len(clauses) > 1 else clauses


@lru_cache(maxsize=4096)
def _codes(word: str) -> tuple[str, ...]:
    return phonetic_codes(word)


def compound_clause(words: Sequence[str], ranking: Ranking, *, last: bool, rough: bool = True) -> Clause:
    """Folded words written as one ("garcia-lopez", "el-hassan", "jia-xiu"): all of them, or run together.

    A word of two letters beside a longer one need not match: it is an article that others write otherwise (al, el, ul).
    """
    each = [
        word_clause(word, ranking, last=last and n == len(words) - 1) if rough else best(exactly(word, ranking))
        for n, word in enumerate(words)
    ]
    if len(words) == 1:
        return each[0]
    long = [clause for word, clause in zip(words, each, strict=True) if len(word) > ARTICLE]
    short = [clause for word, clause in zip(words, each, strict=True) if len(word) <= ARTICLE]
    apart = favour(every(long), short) if long else every(short)
    return best((apart, *exactly("".join(words), ranking)))
