"""Places: a city, region or country by any of its names, else the words of the place as the sources wrote them.

Found is whoever is connected with the place; whose shown place it is comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from engines.document import SHOWN_PLACE
from engines.query import Clause, Fuzzy, Term
from mappings.reading import Ranking
from profiles.normalise import gazetteer
from profiles.normalise.fold import fold, fold_tokens
from profiles.normalise.location import normalise_location, recognise_place
from profiles.normalise.result import Normalised
from search_api.meaning.clauses import best, every, favour, tokens_all

MAX_NAMESAKES = 5  # cities of one name that are offered: past the fifth Springfield nobody means it without naming its state
MIN_INHABITANTS = 15_000  # of a city taken for one in free text: below, most names are words too (Data, Head, Bank)
FUZZY_FROM = 6  # letters: in shorter names of places one edit makes other places (Paris, Parma; Lille, Lilla)
LETTERS = (2, 3)  # length of postal and ISO codes: "ny", "nsw", "de", "usa"


def place_clause(text: str, ranking: Ranking) -> Clause | None:
    """A place given as a place ("Munich", "Paris, TX", "SF Bay Area"). None when there is no word in it.

    The likeliest reading comes first. What else is so called is found too, but later: "Georgia" is a country and a state, "CA"
    California and Canada, Springfield many cities. So is a place of these words that could not be recognised.
    """
    words = place_words(text, ranking)
    found = normalise_location(text)
    if not isinstance(found, Normalised):
        return words[0] if words else None
    place, parts = ranking.weight("location", "place"), found.parts
    wanted: list[Term] = []
    if parts["city"]:
        wanted.append(Term("city_key", fold(parts["city"]), place, "city"))
    if parts["region"] and (not parts["city"] or "," in text):  # an inferred region must not lose people whose source named the city alone
        wanted.append(Term("region_key", gazetteer.bare_region(fold(parts["region"])), place, "region"))
    if parts["country"]:
        wanted.append(Term("country", parts["country"], place, "country"))
    if parts["metro"] or not wanted:  # an area without a main city is known by its words alone
        return words[0] if words else None
    namesakes = [Term(field, key, ranking.weight("location", "word"), "namesake") for field, key, _ in place_readings(fold(text))]
    # Of a city only those with the same words: a namesake in another language is another place to whoever types it.
    others: list[Clause] = words if parts["city"] else [term for term in namesakes if term.field != "city_key" or term.token == fold(text)]
    misspelt = near_words(fold(text), ranking) if parts["city"] and parts["lat"] is None else []
    return favour(best((every(wanted), *others, *misspelt)), [_shown(wanted, ranking)])


def _shown(terms: Sequence[Term], ranking: Ranking) -> Clause:
    """All of them as the place that is shown."""
    boost = ranking.weight("location", "shown") / len(terms)
    return every(Term(SHOWN_PLACE[term.field], term.token, boost, "shown there") for term in terms)


@lru_cache(maxsize=4096)
def place_readings(folded: str) -> tuple[tuple[str, str, str], ...]:
    """What a folded text names as a whole: (index field, key, words for it) of each city, region and country so called; () for no place."""
    found = gazetteer.cities(folded)[:MAX_NAMESAKES]
    readings = [("city_key", fold(city.name), f"city {city.name}") for city, weight in found if weight >= MIN_INHABITANTS]
    regions = gazetteer.regions(folded)
    country = gazetteer.country_named(folded)
    if len(folded) in LETTERS:
        regions = (*regions, *(r for r in gazetteer.regions_by_letters(folded) if gazetteer.stands_alone(folded, r)))
        country = country or gazetteer.country_by_code(folded)
    readings += [("region_key", gazetteer.bare_region(fold(region.name)), f"region {region.name}") for region in regions[:MAX_NAMESAKES]]
    if country and not gazetteer.is_rather_a_city(folded, country):
        readings.append(("country", country.iso2, f"country {country.name}"))
    area = recognise_place(folded.split())
    if area and area.parts["city"] and area.parts["population"] >= MIN_INHABITANTS:
        readings.append(("city_key", fold(area.parts["city"]), f"{area.parts['kind']} {area.parts['city']}"))
    return tuple({(field, key): (field, key, said) for field, key, said in reversed(readings)}.values())[::-1]


def place_terms(folded: str, ranking: Ranking) -> tuple[list[Clause], list[str]]:
    """The clauses for a folded text that names a place, and what they are in words; both empty for no place."""
    readings = place_readings(folded)
    terms = [Term(field, key, ranking.weight("location", "place"), "place") for field, key, _ in readings]
    return [favour(term, [_shown([term], ranking)]) for term in terms], list(dict.fromkeys(said for _, _, said in readings))


def near_words(word: str, ranking: Ranking) -> list[Clause]:
    """A folded word that nothing recognised, as a misspelt word of a place; nothing for several words."""
    return [Fuzzy("location", word, 1, ranking.weight("location", "one_edit"))] if len(word) >= FUZZY_FROM and " " not in word else []


def place_words(text: str, ranking: Ranking) -> list[Clause]:
    """The words as words of a place, as they stand: "york" is a word of New York."""
    tokens = fold_tokens(text)
    return [tokens_all("location", tokens, ranking.weight("location", "word"), "words of a place")] if tokens else []
