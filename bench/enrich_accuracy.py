"""How often is a match of each likelihood right, and how many people are found, on feeds whose truth is known?

    python bench/enrich_accuracy.py embedded:PATH FOLDER --absent OTHER [--sample 300] [--seed 1] [--bits]

FOLDER holds generated feeds with their truth, PATH the store they were ingested into. People are asked for by what customers have: an
address, its hash, a number, a link, a name with the employer of now or before, with a city, misspelt, or with an address that nobody knows.
OTHER is another generated world: as many people of it are asked for in the same ways, and every match for one of them is wrong; those who
are called as somebody held are left out unless --namesakes is given. A match is right when most records of the profile are of the person
asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from contact_accuracy import now_job, told

from engines.opening import open_reader
from privacy.reading import ProfileReader
from privacy.suppression import SuppressionKey, SuppressionList
from search_api.enrich.matching import Enricher, Match, Wanted
from search_api.enrich.person import PersonInput
from search_api.errors import MatchAmbiguous

Person = dict[str, Any]
Values = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Asked:
    """A question: how it is asked, of whom ("" for somebody of another world), and what."""

    kind: str
    person: str
    values: Values


def own_values(person: Person) -> set[str]:
    """Every address, number and link a person has or had; two worlds may share some, since they are drawn from reserved ranges."""
    jobs = [job[field] for job in person["jobs"] for field in ("email", "phone", "switchboard")]
    links = [f"https://www.linkedin.com/in/{handle}" for handle in person["handles"].get("linkedin", [])]
    return {value for value in (*jobs, *links, person["mobile"], *person["former_mobiles"], *person["personal_emails"]) if value}


def misspelt(name: str, rng: random.Random) -> str:
    """The name with two neighbouring letters exchanged."""
    at = rng.randrange(1, max(2, len(name) - 1))
    return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]


def questions(person: Person, rng: random.Random) -> Iterator[tuple[str, Values]]:
    """Every way in which a person is asked for, by kind."""
    job, name = now_job(person), f"{person['given']} {person['family']}"
    former = next((held for held in person["jobs"] if held is not job and (job is None or held["company"] != job["company"])), None)
    if job and job["email"]:
        yield "work e-mail", {"email": (job["email"],)}
        yield "hash of work e-mail", {"email_hash": (hashlib.sha256(job["email"].lower().encode()).hexdigest(),)}
        yield "name and work e-mail", {"name": (name,), "email": (job["email"],)}
    for address in person["personal_emails"][:1]:
        yield "personal e-mail", {"email": (address,)}
    if person["mobile"]:
        yield "mobile number", {"phone": (person["mobile"],)}
        yield "name and mobile number", {"name": (name,), "phone": (person["mobile"],)}
    if job and job["phone"]:
        yield "direct line", {"phone": (job["phone"],)}
        yield "name and direct line", {"name": (name,), "phone": (job["phone"],)}
    for handle in person["handles"].get("linkedin", [])[-1:]:
        yield "profile link", {"profile": (f"https://www.linkedin.com/in/{handle}",)}
    if job:
        yield "name and employer", {"name": (name,), "company": (job["company"],)}
        yield (
            "misspelt name and employer",
            {"name": (f"{person['given']} {misspelt(person['family'], rng)}",), "company": (job["company"],)},
        )
        yield "initial and employer", {"name": (f"{person['given'][0]}. {person['family']}",), "company": (job["company"],)}
        yield "name, employer, unknown address", {"name": (name,), "company": (job["company"],), "email": ("x9.unknown@gmail.com",)}
    if former:
        yield "name and former employer", {"name": (name,), "company": (former["company"],)}
    yield "name and country", {"name": (name,), "country": (person["home"]["country"],)}
    yield "name and city", {"name": (name,), "locality": (person["home"]["city"],), "country": (person["home"]["country"],)}


def is_told(person: Person, values: Values, feed: Any) -> bool:
    """Whether the feeds tell what identifies the person here; what they never said cannot be found."""
    for field, kind in (("email", "email"), ("phone", "phone"), ("company", "text")):
        if field in values and "unknown" not in values[field][0] and not feed.last(values[field][0], kind):
            return False
    if "profile" in values:
        return bool(feed.last(values["profile"][0].rpartition("/")[2], "link"))
    if "email_hash" in values:
        return bool(feed.last(now_job(person)["email"], "email"))  # type: ignore[index]  # who is asked for by it has one
    return True


def sampled(held: dict[str, Person], feeds: Any, absent: list[Person], size: int, rng: random.Random) -> dict[str, list[Asked]]:
    """As many questions of each kind about people held as about people of another world."""
    by_kind: dict[str, list[Asked]] = defaultdict(list)
    others: dict[str, list[Asked]] = defaultdict(list)
    for id, person in held.items():
        for kind, values in questions(person, rng):
            if is_told(person, values, feeds[id]):
                by_kind[kind].append(Asked(kind, id, values))
    taken = set().union(*map(own_values, held.values()))
    for person in absent:
        for kind, values in questions(person, rng):
            if not taken & {*values.get("email", ()), *values.get("phone", ()), *values.get("profile", ())}:
                others[kind].append(Asked(kind, "", values))
    drawn = {}
    for kind, asked in by_kind.items():
        number = min(size, len(asked), len(others[kind]))
        drawn[kind] = rng.sample(asked, number) + rng.sample(others[kind], number)
    return drawn


def people_of(folder: Path, seen: bool = True) -> dict[str, Person]:
    """The people of a world, by id; those that feeds show."""
    every = map(orjson.loads, (folder / "people.jsonl").read_bytes().splitlines())
    return {person["person_id"]: person for person in every if person["observed"] or not seen}


def whose(match: Match, owner: dict[str, str]) -> str:
    """The person that most records of a profile are of."""
    counts = Counter(owner.get(record, "?") for record in match.profile.records)
    return counts.most_common(1)[0][0]


async def run(options: argparse.Namespace) -> None:
    """Ask and print."""
    rng, folder = random.Random(options.seed), options.folder
    rows = csv.DictReader((folder / "truth.csv").open(encoding="utf-8"))
    owner = {f"{row['source']}/{row['record_id']}": row["person_id"] for row in rows}
    held = people_of(folder)
    names = {(person["given"], person["family"]) for person in people_of(folder, seen=False).values()}
    absent = [p for p in people_of(options.absent).values() if options.namesakes or (p["given"], p["family"]) not in names]
    drawn = sampled(held, told(folder), absent, options.sample, rng)
    reader = await open_reader(options.store)
    key = SuppressionKey.load_or_create(Path(options.store.partition(":")[2]))
    enricher = Enricher(ProfileReader(reader), SuppressionList(reader.service, key))
    by_likelihood: dict[int, Counter[str]] = defaultdict(Counter)
    by_bits: dict[int, Counter[str]] = defaultdict(Counter)
    print(f"{'asked by':34s}{'asked':>7s}{'right':>8s}{'wrong':>8s}{'ambiguous':>11s}   wrong for people not held")
    for kind, asked in drawn.items():
        counts: Counter[str] = Counter()
        for start in range(0, len(asked), 100):
            part = asked[start : start + 100]
            found = await enricher.match([Wanted(PersonInput(one.values), min_likelihood=1) for one in part])
            for one, match in zip(part, found, strict=True):
                if not isinstance(match, Match):
                    counts["ambiguous" if isinstance(match, MatchAmbiguous) and one.person else "none"] += 1
                    continue
                word = "right" if one.person and whose(match, owner) == one.person else "wrong"
                by_likelihood[match.likelihood][word] += 1
                by_bits[max(-10, min(20, int(match.bits // 1)))][f"{word} {'named' if match.likelihood == 1 else ''}"] += 1
                if match.likelihood > 1:
                    counts[word if one.person else "absent"] += 1
                if options.wrong and word == "wrong" and match.likelihood >= options.wrong:
                    print(kind, one.person, match.likelihood, one.values, [f"{e.words()}" for e in match.evidence], match.profile.id)
        half = len(asked) // 2
        shares = [f"{counts[word] / half:8.4f}" for word in ("right", "wrong")]
        print(f"{kind:34s}{half:7d}{''.join(shares)}{counts['ambiguous'] / half:11.4f}{counts['absent'] / half:10.4f}")
    await reader.close()
    print("\nlikelihood   matches   right   right of all with this or more")
    all_right = all_found = 0
    for n in range(10, 0, -1):
        right, total = by_likelihood[n]["right"], by_likelihood[n].total()
        all_right, all_found = all_right + right, all_found + total
        if total:
            print(f"{n:10d}{total:10d}{right / total:8.4f}{all_right / all_found:10.4f}")
    if options.bits:
        for bits in sorted(by_bits):
            print(bits, dict(by_bits[bits]))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--absent", type=Path, required=True, help="the feeds of another world, for people who are not held")
    parser.add_argument("--namesakes", action="store_true", help="ask also for absent people who are called as somebody held")
    parser.add_argument("--sample", type=int, default=300, help="people held of each kind of question")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bits", action="store_true", help="right and wrong by bits of evidence, for setting likelihoods")
    parser.add_argument("--wrong", type=int, default=0, metavar="N", help="print every wrong match with this likelihood or more")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
