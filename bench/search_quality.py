"""Is the right person found, on both engines? Generated queries with known answers, asked of true persons or of what ingest made of them.

    python bench/search_quality.py DATASET [--resolve truth|roster] [--city-in-q] [--store URL]... [--misses]

DATASET: a folder of generated feeds with truth.csv, people.jsonl and queries.jsonl. Asked are an embedded store in a temporary folder and
an OpenSearch started for the purpose; or the stores named, which are filled when empty and stay.
  --resolve truth   (default) a profile is a true person: search judged alone
  --resolve roster  the feeds are ingested by `roster ingest`: search and resolving judged together, a profile counting for the person most
                    of its records are about
Names go into `q`, with the city as `location` where the query has one (--city-in-q: into `q` too); titles, skills, places, addresses and
numbers into their fields. For each kind of query: how often a right person comes first and among the first five, recall@10 (of at most 10
right persons) and mean reciprocal rank of the first right one. Then how often both engines give the same first answer and the same total.

Some queries ask for what no profile holds: an address that its source lets nobody see, a value that a newer version of the record replaced,
a city that no feed knows of the person. "answerable" counts the others: those where a profile of a right person holds the address, number
or city that is asked for, as a plain comparison of letters and digits says. Why the rest is not, is looked up in the feeds and counted.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import orjson
from asking import Score, agreement, engines, is_empty, say, table
from running import roster, source_of
from true_people import SOURCES, feeds_of, fill_by_truth, true_person_of
from unanswerable import Asked, reasons

from engines.base import Collection, Reader
from engines.opening import open_reader, utc_today
from privacy.reading import ProfileReader
from profiles.models import Profile
from profiles.normalise.fold import fold
from search_api.answers import search_answer
from search_api.requests import request_from_body

LAST_DIGITS = 7  # of a number: what is before them may be written in several ways
LOOKED_AT = 50  # hits: a right person further down counts as not found
KEY = "00" * 32  # of the suppression list, which stays empty


def body_of(query: dict[str, Any], *, city_in_q: bool) -> dict[str, Any]:
    """The search a generated query stands for."""
    if "email" in query or "phone" in query:
        return {name: query[name] for name in ("email", "phone") if name in query}
    place = ", ".join(query[part] for part in ("city", "region", "country") if query.get(part))
    if "q" in query:
        if place and city_in_q:
            return {"q": f"{query['q']} {place}"}
        return {"q": query["q"]} | ({"location": place} if place else {})
    fields = {"job_title": query.get("title"), "location": place, "skill": {"all": query["skills"]} if query.get("skills") else None}
    return {name: value for name, value in fields.items() if value}


async def ask(store: str, dataset: Path, *, city_in_q: bool) -> tuple[dict[str, Score], dict[str, tuple[str, int]], Asked]:
    """Every query of the data set, asked of one store: scores by kind, (first hit, total) by query, and what was not answerable."""
    person_of = true_person_of(dataset)
    scores: dict[str, Score] = defaultdict(Score)
    answers: dict[str, tuple[str, int]] = {}
    unanswerable: Asked = {}
    reader = await open_reader(store)
    door = ProfileReader(reader, utc_today)
    held: dict[str, list[str]] = defaultdict(list)
    try:
        async for profile in door.all():
            texts = " ".join(text for value in profile.values for text in (value.value, str(value.parts.get("city") or "")))
            held[_most(profile, person_of)].append(texts)
        for line in (dataset / "queries.jsonl").read_bytes().splitlines():
            query = orjson.loads(line)
            body = body_of(query, city_in_q=city_in_q)
            answer = await search_answer(door, request_from_body({**body, "size": LOOKED_AT}))
            hits = [hit["id"] for hit in answer["hits"]]
            answers[query["id"]] = (hits[0] if hits else "", answer["total"])
            found = list(dict.fromkeys([await _person(reader, hit, person_of) for hit in hits]))
            right = set(query.get("expect") or query["expect_min_recall_set"])
            answerable = any(holds(texts, query) for person in right for texts in held.get(person, ()))
            if not answerable:
                unanswerable[query["id"]] = (query, right)
            for kind in (query["kind"], "all", *(["answerable"] if answerable else [])):
                scores[kind].add(f"{query['id']} {query['kind']} {body}", found, right)
    finally:
        await reader.close()
    return scores, answers, unanswerable


def holds(texts: str, query: dict[str, Any]) -> bool:
    """Whether the address, number or city that a query asks for stands in a profile's texts."""
    if "email" in query:
        return query["email"].lower() in texts.lower()
    if "phone" in query:
        return re.sub(r"\D", "", query["phone"])[-LAST_DIGITS:] in texts  # held as +4930123456, without blanks
    return "city" not in query or fold(query["city"]) in fold(texts)


async def _person(reader: Reader, profile_id: str, person_of: dict[str, str]) -> str:
    """The person most of a profile's records are about."""
    document = await reader.contacts.get(Collection.PROFILES, profile_id)
    return _most(Profile.model_validate_json(document.body), person_of) if document else ""


def _most(profile: Profile, person_of: dict[str, str]) -> str:
    return Counter(person_of[record] for record in profile.records).most_common(1)[0][0]


def ingest(store: str, dataset: Path) -> None:
    """Every feed through `roster ingest`."""
    where = store.removeprefix("embedded:")
    feeds = feeds_of(dataset)
    for source in sorted({source_of(feed, SOURCES) for feed in feeds}):
        roster(where, "sources", "add", str(source), ROSTER_SUPPRESSION_KEY=KEY)
    for feed in feeds:
        roster(where, "ingest", str(feed), "--source", feed.stem, "--json", ROSTER_SUPPRESSION_KEY=KEY)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--resolve", choices=("truth", "roster"), default="truth")
    parser.add_argument("--city-in-q", action="store_true")
    parser.add_argument("--store", action="append", default=[])
    parser.add_argument("--misses", action="store_true", help="print every query whose right person is not first, or not all found")
    options = parser.parse_args()
    told = []
    with engines(options.store) as stores:
        for store in stores:
            if asyncio.run(is_empty(store)):
                if options.resolve == "truth":
                    asyncio.run(fill_by_truth(store, options.dataset))
                else:
                    ingest(store, options.dataset)
            scores, answers, unanswerable = asyncio.run(ask(store, options.dataset, city_in_q=options.city_in_q))
            say((store.partition(":")[0].partition("+")[0], *table(scores), ""))
            if options.misses:
                say((*scores["all"].missed, ""))
            told.append(answers)
    why = reasons(options.dataset, unanswerable, holds)  # the same for every engine, which holds the same profiles
    say((f"{len(why)} not answerable:", *(f"{count:7d}  {reason}" for reason, count in Counter(why.values()).most_common()), ""))
    if options.misses:
        say((*(f"{unanswerable[id][0]}: {reason}" for id, reason in why.items()), ""))
    if len(told) == 2:
        say(agreement(told[0], told[1]))


if __name__ == "__main__":
    main()
