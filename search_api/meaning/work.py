"""Work: job titles by canonical words and synonyms, companies by comparison key, words or domain, skills by key; seniority and function by
name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engines.query import Clause, Fuzzy, Phrase, Term
from mappings.reading import Ranking, load_title_synonyms
from profiles.normalise.company import company_tokens, normalise_company, registrable_domain, run_together
from profiles.normalise.job_title import FUNCTIONS, SENIORITIES, is_known_word, job_title_tokens, normalise_job_title
from profiles.normalise.result import Normalised, Refused
from profiles.normalise.skill import normalise_skill, skill_tokens
from search_api.meaning.clauses import SYNONYM, best, every, favour, tokens_all

FUZZY_FROM = 5  # letters: in shorter words one edit makes other words (sales, scale; bank, tank)
_DOMAIN = re.compile(r"(?:https?://)?[a-z0-9\-]+(?:\.[a-z0-9\-]+)+/?", re.IGNORECASE)


EMPLOYERS = {
    "any": ("company", "company_key", "company_domain"),
    "current": ("company_current", "company_current_key", "company_current_key"),
    "past": ("company_past", "company_past_key", "company_past_key"),
}
"""When a person works or worked for a company -> the index fields of its words, keys and domain."""


def title_clause(text: str, ranking: Ranking) -> Clause | None:
    """A job title: all of its words, abbreviations written out, in any order, or those of a synonym; the whole title first.

    None when there is no word in it.
    """
    tokens = job_title_tokens(text)
    if not tokens:
        return None
    found = normalise_job_title(text)
    matched = _misspelt("job_title", tokens, ranking, "job title")
    others = [
        tokens_all("job_title", job_title_tokens(title), ranking.weight("job_title", "synonym"), f"{SYNONYM}{title}")
        for title in synonyms(tokens)
    ]
    matched = best((matched, *others))
    if isinstance(found, Normalised):
        return favour(matched, [Term("job_title_name", found.value, ranking.weight("job_title", "whole"), "whole title")])
    return matched


def _misspelt(field: str, tokens: tuple[str, ...], ranking: Ranking, why: str) -> Clause:
    """All of the words, those that no title or skill is known to have within one edit, too."""
    word, edit = ranking.weight(field, "word"), ranking.weight(field, "one_edit")
    known = is_known_word if field == "job_title" else (lambda token: known_skill(token) is not None)
    return every(
        Term(field, token, word, why)
        if len(token) < FUZZY_FROM or known(token)
        else best((Term(field, token, word, why), Fuzzy(field, token, 1, edit)))
        for token in tokens
    )


def title_phrase(text: str, ranking: Ranking) -> Clause | None:
    """The words of a title one after the other, abbreviations written out. None when there is no word in it."""
    tokens = job_title_tokens(text)
    return Phrase("job_title", tokens, ranking.weight("job_title", "word"), "phrase of a title") if tokens else None


def phrase_clause(field: str, text: str, ranking: Ranking, when: str = "any") -> Clause | None:
    """A quoted phrase in a field of words: its words one after the other. None where the field knows no phrases, or there is no word.

    when: of a company, as `company_clause` takes it.
    """
    if field == "job_title":
        return title_phrase(text, ranking)
    if field == "company":
        return Phrase(EMPLOYERS[when][0], tokens, ranking.weight(field, "word"), "phrase") if (tokens := company_tokens(text)) else None
    return Phrase(field, tokens, ranking.weight(field, "word"), "phrase") if field == "skill" and (tokens := skill_tokens(text)) else None


@lru_cache(maxsize=4096)
def synonyms(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Titles that mean the same work, for the words of a title: of the longest part of it that has any."""
    table = _synonym_table()
    for size in range(len(tokens), 0, -1):
        for at in range(len(tokens) - size + 1):
            if others := table.get(tokens[at : at + size]):
                before, after = " ".join(tokens[:at]), " ".join(tokens[at + size :])
                return tuple(" ".join(f"{before} {other} {after}".split()) for other in others)
    return ()


@lru_cache(maxsize=1)
def _synonym_table() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The words of each title -> the other titles of its group."""
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    for group in load_title_synonyms():
        for title in group:
            tokens = job_title_tokens(title)
            table[tokens] = tuple(other for other in group if job_title_tokens(other) != tokens)
    return table


def company_clause(text: str, ranking: Ranking, when: str = "any") -> Clause | None:
    """A company: by domain, comparison key or all of its words, the legal form aside. None when there is no word in it.

    when: "current", "past" or "any".
    """
    words, key, domain = EMPLOYERS[when]
    clauses: list[Clause] = []
    if of_domain := domain_term(text.strip(), ranking, domain):
        clauses.append(of_domain)
    found = normalise_company(text)
    if isinstance(found, Normalised):
        keys = dict.fromkeys((found.keys[0], run_together(found.keys[0])))
        clauses += [Term(key, spelling, ranking.weight("company", "whole"), "company") for spelling in keys]
    matched = company_words(text, ranking, words)
    if matched and clauses:
        return best((*clauses, favour(matched[0], clauses)))  # the key alone must do where a profile's name for it has other words
    return best((*clauses, *matched)) if clauses or matched else None


def company_words(text: str, ranking: Ranking, field: str = "company") -> list[Clause]:
    """The words as words of a company's name."""
    tokens = company_tokens(text)
    return [tokens_all(field, tokens, ranking.weight("company", "word"), "company")] if tokens else []


def domain_term(text: str, ranking: Ranking, field: str = "company_domain") -> Clause | None:
    """A web domain as a company's."""
    domain = registrable_domain(text) if _DOMAIN.fullmatch(text) else ""
    return Term(field, domain, ranking.weight("company", "whole"), "company domain") if domain else None


def skill_clause(text: str, ranking: Ranking) -> Clause | None:
    """A skill by any of its names; the words of one that is not known. None when there is no word in it."""
    found = normalise_skill(text)
    clauses: list[Clause] = []
    if isinstance(found, Normalised):
        clauses.append(Term("skill_key", found.keys[0], ranking.weight("skill", "whole"), "skill"))
    tokens = skill_tokens(text)
    if tokens:
        clauses.append(_misspelt("skill", tokens, ranking, "skill") if known_skill(text) is None else skill_words(text, ranking)[0])
    return best(clauses) if clauses else None


def skill_words(text: str, ranking: Ranking) -> list[Clause]:
    """The words as words of a skill."""
    tokens = skill_tokens(text)
    return [tokens_all("skill", tokens, ranking.weight("skill", "word"), "skill")] if tokens else []


@lru_cache(maxsize=4096)
def known_skill(text: str) -> tuple[str, str] | None:
    """(key, canonical name) of a skill the taxonomy knows by this name."""
    found = normalise_skill(text)
    return (found.keys[0], found.value) if isinstance(found, Normalised) and found.parts.get("known") else None


@lru_cache(maxsize=4096)
def is_title_word(word: str) -> bool:
    """Whether a word alone says a rank or a field of work ("senator", "vp", "engineer")."""
    found = normalise_job_title(word)
    return isinstance(found, Normalised) and bool(found.parts["function"] or found.parts["seniority"] != "mid")


def title_words(text: str, ranking: Ranking, *, known: bool = False) -> list[Clause]:
    """The words as words of a job title; of a known title, its synonyms as well."""
    if known:
        clause = title_clause(text, ranking)
        return [clause] if clause else []
    tokens = job_title_tokens(text)
    return [tokens_all("job_title", tokens, ranking.weight("job_title", "word"), "job title")] if tokens else []


def near_words(word: str, ranking: Ranking) -> list[Clause]:
    """A folded word that nothing recognised, as a misspelt word of a company, a title or a skill."""
    if len(word) < FUZZY_FROM:
        return []
    return [
        *near_company(word, ranking),
        Fuzzy("job_title", word, 1, ranking.weight("job_title", "one_edit")),
        Fuzzy("skill", word, 1, ranking.weight("skill", "one_edit")),
    ]


def near_company(word: str, ranking: Ranking) -> list[Clause]:
    """A folded word as a misspelt one of a company's name; nothing for a short one."""
    return [Fuzzy("company", word, 1, ranking.weight("company", "one_edit"))] if len(word) >= FUZZY_FROM else []


def level_clause(field: str, text: str, ranking: Ranking) -> Clause | Refused:
    """A seniority or a function by its name, however it is written ("Vice President", "vice-president")."""
    allowed: tuple[str, ...] = SENIORITIES if field == "seniority" else FUNCTIONS
    wanted = _plain(text)
    for name in allowed:
        if _plain(name) == wanted:
            return Term(field, name, why=field)
    return Refused(f"is not a known {field}", ", ".join(allowed))


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-]+", " ", text).strip().casefold()
