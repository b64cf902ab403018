"""Names alone, exact and misspelt: is the right person first, or among the first five, on both engines?

    python bench/name_search.py DATASET [--asked 300] [--seed 1] [--field q|name] [--store URL]... [--misses]

DATASET: a folder with people.jsonl. One profile is made of each whole person. Asked are persons whose given and family name together are
nobody else's: --asked of them by their exact name, as many by a name with one edit (a letter lost, doubled, replaced or swapped with its
neighbour) in a family name of four letters and more; 15 in 100 with the family name first. Nothing but the name is asked for, and nothing
about fuzziness. Names whose edit makes the name of somebody else are left out. Stores: as in search_quality.py.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import string
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from asking import Score, agreement, engines, is_empty, say, table
from true_people import fill_with_persons, persons

from engines.opening import open_reader, utc_today
from privacy.reading import ProfileReader
from profiles.normalise.fold import fold
from search_api.answers import search_answer
from search_api.requests import request_from_body

LOOKED_AT = 10
SWAPPED = 0.15
SHORTEST = 4  # letters of a family name that is misspelt

Question = tuple[str, str, str]  # kind, name as asked, person id


def questions(dataset: Path, count: int, rng: random.Random) -> Iterator[Question]:
    """The names to ask for."""
    known = [(person["person_id"], person["given"], person["family"]) for person in persons(dataset)]
    held = Counter(fold(f"{given} {family}") for _, given, family in known)
    single = [entry for entry in known if held[fold(f"{entry[1]} {entry[2]}")] == 1]
    rng.shuffle(single)
    for id, given, family in single[:count]:
        yield "exact", in_some_order(given, family, rng), id
    long = [entry for entry in single[count:] if len(entry[2].split()[-1]) >= SHORTEST]
    for id, given, family in long[:count]:
        wrong = misspelt(family, rng)
        if not held[fold(f"{given} {wrong}")]:
            yield "one edit", in_some_order(given, wrong, rng), id


def in_some_order(given: str, family: str, rng: random.Random) -> str:
    """Mostly given name first."""
    return f"{family} {given}" if rng.random() < SWAPPED else f"{given} {family}"


def misspelt(name: str, rng: random.Random) -> str:
    """The name with one edit in its last word."""
    *before, word = name.split()
    wrong = word
    while fold(wrong) == fold(word):
        at = rng.randrange(len(word) - 1)
        wrong = {
            "lost": word[:at] + word[at + 1 :],
            "doubled": word[: at + 1] + word[at:],
            "replaced": word[:at] + rng.choice(string.ascii_lowercase) + word[at + 1 :],
            "swapped": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        }[rng.choice(("lost", "doubled", "replaced", "swapped"))]
    return " ".join((*before, wrong))


async def ask(store: str, asked: Sequence[Question], field: str) -> tuple[dict[str, Score], dict[str, tuple[str, int]], float]:
    """Scores by kind, (first hit, total) by name, and seconds."""
    scores: dict[str, Score] = defaultdict(Score)
    answers: dict[str, tuple[str, int]] = {}
    reader = await open_reader(store)
    door = ProfileReader(reader, utc_today)
    try:
        begun = time.perf_counter()
        for kind, name, right in asked:
            answer = await search_answer(door, request_from_body({field: name, "size": LOOKED_AT}))
            found = [hit["id"] for hit in answer["hits"]]
            answers[name] = (found[0] if found else "", answer["total"])
            scores[kind].add(f"{kind}: {name} ({right}); {[hit['name'] for hit in answer['hits'][:3]]}", found, {right})
        return scores, answers, time.perf_counter() - begun
    finally:
        await reader.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--asked", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--field", choices=("q", "name"), default="q")
    parser.add_argument("--store", action="append", default=[])
    parser.add_argument("--misses", action="store_true", help="print every name whose person is not first")
    options = parser.parse_args()
    asked = list(questions(options.dataset, options.asked, random.Random(options.seed)))
    told = []
    with engines(options.store) as stores:
        for store in stores:
            if asyncio.run(is_empty(store)):
                say((f"{asyncio.run(fill_with_persons(store, options.dataset)):,} persons",))
            scores, answers, seconds = asyncio.run(ask(store, asked, options.field))
            say((store.partition(":")[0].partition("+")[0], *table(scores), f"{len(asked) / seconds:.0f} a second", ""))
            if options.misses:
                say((*(line for score in scores.values() for line in score.missed), ""))
            told.append(answers)
    if len(told) == 2:
        say(agreement(told[0], told[1], of="names"))


if __name__ == "__main__":
    main()
