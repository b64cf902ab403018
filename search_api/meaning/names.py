"""Names: each word as spelt, folded, by nickname or in another language, by sound and edit distance, in that order of weight; word order is
free.

The ways of a word add up. Whoever is spelt so also sounds so and is within one edit, so each way outweighs those below it by itself,
however common the word is; among equals the rarer word counts more (BM25).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from engines.query import AnyOf, Clause, Fuzzy, Prefix, Term
from mappings.reading import Ranking, load_given_names
from profiles.normalise.fold import fold_tokens
from profiles.normalise.name import fold_variants, formal_names, normalise_name, phonetic_codes, spelt_words
from profiles.normalise.result import Normalised
from search_api.meaning.clauses import ABROAD, INITIAL, best, every, favour, some

FUZZY_FROM = 4  # letters: one edit in three letters makes most short names each other (Lee, Leo, Lea)
TWO_EDITS_FROM = 8  # letters: two slips in a long name still leave most of it
ARTICLE = 3  # letters of an article or particle within a name: al, de, van
SYLLABLE = 5  # letters of two words that others write as one: "jia xiu", "mary ann"
JOINED_UP_TO = 8
"""Words of which two may be one; no name has more. Each pair says the whole question once more, so that it grows with the square of its
words: 24 names in `q` came to more than the 1,024 clauses that OpenSearch allows."""

PREFIX_FROM = 3  # letters of a word still being typed; two would match a tenth of all names

Spellings = dict[str, str]


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
    spelt = spelt_words(text)
    ways = []
    for chosen in (words, *joined_readings(words)):
        clauses = [word_clause(word, ranking, spelt=spelt) for word in chosen]
        ways.append(some(clauses, len(words) - 1 if len(chosen) == len(words) >= 3 else len(chosen)))
    return favour(best((*ways, *initialled(words, ranking))), whole_name(words, ranking)) if len(words) >= 2 else best(ways)


def joined_readings(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words with two neighbours written as one, where others write them so: "jia xiu", "al harbi"; none of more than JOINED_UP_TO."""
    for at in range(len(words) - 1 if len(words) <= JOINED_UP_TO else 0):
        one, other = words[at : at + 2]
        short = len(one) <= SYLLABLE and len(other) <= SYLLABLE
        if len(one) > 1 and len(other) > 1 and (short or len(one) <= ARTICLE):
            yield (*words[:at], one + other, *words[at + 2 :])


def whole_name(words: Sequence[str], ranking: Ranking) -> list[Clause]:
    """The words as a whole name, as said and, a little less, with the family name at the other end."""
    said = " ".join(words)
    others = {" ".join((*words[1:], words[0])), " ".join((words[-1], *words[:-1]))} - {said}
    return [
        Term("name_exact", said, ranking.weight("name", "whole"), "whole name"),
        *(Term("name_exact", other, ranking.weight("name", "swapped"), "whole name") for other in sorted(others)),
    ]


def initialled(words: Sequence[str], ranking: Ranking) -> list[Clause]:
    """Whoever is known by initials and family name alone: "Yuli Liu" may be held as "Y. Liu", with either name said first."""
    initials = [word[0] for word in words]
    forms = {f"{initials[0]} {words[-1]}", f"{' '.join(initials[:-1])} {words[-1]}", f"{initials[-1]} {words[0]}"}
    said = " ".join(words)
    weight = ranking.weight("name", "initial")
    return [Term("name_exact", form, weight, INITIAL) for form in sorted(forms) if len(words) >= 2 and form != said]


def word_clause(word: str, ranking: Ranking, *, spelt: Spellings | None = None, last: bool = False, rough: bool = True) -> Clause:
    """One folded word of a name in every way it may be meant. At least one holds, and those that hold add up.

    spelt: how folded words were spelt in the question.    last: it may still be being typed.    rough: by sound and edit distance, too.
    """
    ways = _exactly(word, (spelt or {}).get(word, word), ranking)
    if rough:
        ways += _roughly(word, ranking, last=last)
    return AnyOf(tuple(ways)) if len(ways) > 1 else ways[0]


def _exactly(word: str, spelt: str, ranking: Ranking) -> list[Clause]:
    """The word as spelt or folded (ü is u or ue), a nickname's formal name, or the name in another language; a single letter is an initial.

    Spelling and nickname do not add up: every given name is a formal name of itself, and Scott Jones is no better a Scott than Ann Scott.
    """
    folded = ranking.weight("name", "folded")
    clause = best(Term("name", variant, folded, "folded") for variant in dict.fromkeys((word, *fold_variants(spelt))))
    if len(word) == 1:
        return [clause, Prefix("name", word, ranking.weight("name", "initial"), INITIAL)]
    itself = AnyOf((clause, Term("name_spelling", spelt, ranking.weight("name", "exact"), "exact", flat=True)))
    nickname = ranking.weight("name", "nickname")
    forms = [Term("name_nickname", formal, nickname, "nickname", flat=True) for formal in formal_names(word)]
    if elsewhere := load_given_names().get(word):
        forms.append(Term("name", elsewhere[0], nickname, ABROAD, flat=True, others=elsewhere[1:]))
    return [best((itself, *forms))]


def _roughly(word: str, ranking: Ranking, *, last: bool) -> list[Clause]:
    """The word by its sound and by edit distance; all codes of a word together weigh what one alone would."""
    codes = _codes(word)
    clauses: list[Clause] = [
        Term("name_phonetic", code, ranking.weight("name", "phonetic") / len(codes), "phonetic", flat=True) for code in codes
    ]
    if len(word) >= TWO_EDITS_FROM:
        clauses.append(Fuzzy("name", word, 2, ranking.weight("name", "two_edits")))
    if len(word) >= FUZZY_FROM:
        clauses.append(Fuzzy("name", word, 1, ranking.weight("name", "one_edit")))
    if last and len(word) >= PREFIX_FROM:
        clauses.append(Prefix("name", word, ranking.weight("name", "prefix"), "beginning"))
    return clauses


@lru_cache(maxsize=4096)
def _codes(word: str) -> tuple[str, ...]:
    return phonetic_codes(word)


def compound_clause(text: str, ranking: Ranking, *, last: bool, rough: bool = True) -> Clause | None:
    """Words written as one ("garcia-lopez", "el-hassan", "jia-xiu"): all of them, or run together. None when there is no word.

    A word of two or three letters beside a longer one need not match: it is an article that others write otherwise (al, el, ul).
    """
    words, spelt = fold_tokens(text), spelt_words(text)
    if not words:
        return None
    if not text.isascii() and len(words) == 1:
        words = name_words(text)  # a name in Han characters has no blank
    each = [word_clause(word, ranking, spelt=spelt, last=last and n == len(words) - 1, rough=rough) for n, word in enumerate(words)]
    if len(words) == 1:
        return each[0]
    long = [clause for word, clause in zip(words, each, strict=True) if len(word) > ARTICLE]
    short = [clause for word, clause in zip(words, each, strict=True) if len(word) <= ARTICLE]
    apart = favour(every(long), short) if long else every(short)
    return best((apart, word_clause("".join(words), ranking, rough=rough)))
