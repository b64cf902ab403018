"""How often is `/v1/verify/contact` right, and how often wrong, on feeds whose truth is known?

    python bench/contact_accuracy.py embedded:PATH FOLDER [--sample 4000] [--seed 1]

FOLDER holds generated feeds with their truth (people.jsonl, truth.csv, traps.csv), PATH the store they were ingested into. A pair is a
person, the employer and a contact detail. True pairs are today's, by the truth; false ones are of many kinds, among them shared mailboxes,
recycled numbers and former employers. Pairs are asked only where feeds tell: a true one was attested for the person within the days that
count, and the employer by some record; of a false one a record shows what makes it false. True pairs that are too old stand apart.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from engines.opening import open_reader
from privacy.reading import ProfileReader
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.normalise.email import is_role
from search_api.answers import SourceNames
from search_api.verify.configured import LASTING
from search_api.verify.contacts import verify_contacts
from search_api.verify.mail_hosts import DnsMailHosts
from search_api.verify.schemas import ContactQuestion
from search_api.verify.service import Verifier

Person = dict[str, Any]
FEEDS = ("registry", "crm_export", "social", "conference", "licensed", "website", "stale")


@dataclass
class Told:
    """What the feeds tell of a person: every record's day, text and digits, as last delivered."""

    newest: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)

    def add(self, record: tuple[str, str], day: str, line: str) -> None:
        """Take one delivery of a record; a later one takes the place of an earlier, and what it no longer says is no longer told."""
        if day >= self.newest.get(record, ("", "", ""))[0]:
            self.newest[record] = (day, line.lower(), re.sub(r"\D", "", line))

    @property
    def records(self) -> Iterable[tuple[str, str, str]]:
        """Day, text in small letters, and digits of each record."""
        return self.newest.values()

    def last(self, value: str, kind: str, company: str = "") -> str:
        """The last day a record gave the value (with the company, where given); "" when none did."""
        wanted = re.sub(r"\D", "", value)[-8:] if kind == "phone" else value.lower()
        days = (day for day, text, digits in self.records if wanted in (digits if kind == "phone" else text) and company.lower() in text)
        return max(days, default="")


def told(folder: Path) -> dict[str, Told]:
    """Person id -> what the feeds tell."""
    owner = {(row["source"], row["record_id"]): row["person_id"] for row in csv.DictReader((folder / "truth.csv").open(encoding="utf-8"))}
    found: dict[str, Told] = defaultdict(Told)
    for path in sorted(folder.rglob("*")):
        source = path.name.split(".")[0]
        if source not in FEEDS:
            continue
        lines = path.read_text("utf-8").splitlines()
        head = lines.pop(0) if path.suffix == ".csv" else ""
        id_at = re.split("[;,]", head.lower()).index("record_id") if head else 0
        for line in lines:
            row = orjson.loads(line) if not head else {"record_id": re.split("[;,]", line)[id_at]}
            days = re.findall(r"\d{4}-\d\d-\d\d", line)
            day = row.get("collected_at") or row.get("last_updated") or (days[-1] if days else "")
            person = owner.get((source, row["record_id"]))
            if person:
                found[person].add((source, row["record_id"]), day, shown(row, line))
    return found


def shown(row: dict[str, Any], line: str) -> str:
    """A row without the contact details that its source does not show to everyone."""
    details = [*row.get("emails", ()), *row.get("phone_numbers", ())]
    for hidden in (one for one in details if one.get("visibility", "everyone") != "everyone"):
        line = line.replace(hidden.get("address") or hidden["number"], "")
    return line


def now_job(person: Person) -> dict[str, Any] | None:
    """The job held at the end."""
    return next((job for job in reversed(person["jobs"]) if job["end"] is None), None)


def details(person: Person, job: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, value) of everything that is the person's own today."""
    yield from (("email", job["email"]), ("phone", job["phone"]), ("phone", person["mobile"]))
    yield from (("email", address) for address in person["personal_emails"])
    yield from (("link", f"https://www.linkedin.com/in/{handle}") for handle in person["handles"].get("linkedin", [])[-1:])


Pair = tuple[str, Person, str, str, str]  # what kind of pair, who, company, kind of value, value


def true_pairs(people: dict[str, Person], feeds: dict[str, Told], since: str) -> Iterator[Pair]:
    """Today's own details, attested lately (kind "true") or before (kind "true, too old")."""
    for id, person in people.items():
        job = now_job(person)
        if job is None or not feeds[id].last(job["company"], "text"):
            continue
        for kind, value in details(person, job):
            if value and (last := feeds[id].last(value.split(".com")[-1] if kind == "link" else value, kind, job["company"])):
                yield ("true" if last >= since else "true, too old"), person, job["company"], kind, value


def false_pairs(
    people: dict[str, Person], feeds: dict[str, Told], traps: list[tuple[str, list[str]]], rng: random.Random
) -> Iterator[Pair]:
    """Pairs that are not so, and that some record shows not to be."""
    staff: dict[str, list[Person]] = defaultdict(list)
    names: dict[str, list[Person]] = defaultdict(list)
    for person in people.values():
        names[f"{person['given']} {person['family']}"].append(person)
        if job := now_job(person):
            staff[job["company"]].append(person)
    for person in people.values():
        if job := now_job(person):
            yield from shared_pairs(person, job, feeds[person["person_id"]])
            yield from former_pairs(person, job, feeds[person["person_id"]])
            if job["email"] and feeds[person["person_id"]].last(job["email"], "email"):
                other = rng.choice(staff[job["company"]])
                if other["family"] != person["family"]:
                    yield "colleague", other, job["company"], "email", job["email"]
                for namesake in names[f"{person['given']} {person['family']}"]:
                    elsewhere = now_job(namesake)
                    if namesake is not person and elsewhere and all(elsewhere["company"] != held["company"] for held in person["jobs"]):
                        yield "namesake elsewhere", namesake, elsewhere["company"], "email", job["email"]
    yield from trap_pairs(people, feeds, traps)


def shared_pairs(person: Person, job: dict[str, Any], feed: Told) -> Iterator[Pair]:
    """Mailboxes of a task and switchboards that the person is listed with."""
    for _, text, _ in feed.records:
        for address in re.findall(r"[\w.+-]+@[\w.-]+", text):
            if is_role(address.partition("@")[0]):
                yield "shared mailbox", person, job["company"], "email", address
    if job["switchboard"] and feed.last(job["switchboard"], "phone"):
        yield "switchboard", person, job["company"], "phone", job["switchboard"]


def former_pairs(person: Person, job: dict[str, Any], feed: Told) -> Iterator[Pair]:
    """What was so at an earlier employer, where a record since the change names the new one."""
    for old in person["jobs"]:
        if old is job or old["company"] == job["company"] or feed.last(job["company"], "text") < job["start"]:
            continue
        if old["email"] and feed.last(old["email"], "email"):
            yield "former employer", person, old["company"], "email", old["email"]
            yield "former address, new employer", person, job["company"], "email", old["email"]
        if person["mobile"] and feed.last(person["mobile"], "phone"):
            yield "own mobile, former employer", person, old["company"], "phone", person["mobile"]


def trap_pairs(people: dict[str, Person], feeds: dict[str, Told], traps: list[tuple[str, list[str]]]) -> Iterator[Pair]:
    """Details that passed from one person to another, and people whose names are one letter apart."""
    for trap, ids in traps:
        if len(ids) != 2 or trap not in ("recycled_mobile", "recycled_email", "near_name"):
            continue
        for one, other in ((people[ids[0]], people[ids[1]]), (people[ids[1]], people[ids[0]])):
            job = now_job(one) or one["jobs"][-1]
            if (
                trap == "recycled_mobile"
                and other["mobile"] in one["former_mobiles"]
                and feeds[other["person_id"]].last(other["mobile"], "phone")
            ):
                yield "recycled number", one, job["company"], "phone", other["mobile"]
            theirs = now_job(other)
            if trap == "recycled_email" and theirs:
                for held in one["jobs"]:
                    if held["end"] and held["email"] == theirs["email"] and feeds[other["person_id"]].last(held["email"], "email"):
                        yield "recycled address", one, held["company"], "email", held["email"]
            if trap == "near_name" and theirs:
                for kind, value in details(other, theirs):
                    if kind != "link" and value and feeds[other["person_id"]].last(value, kind):
                        yield "name a letter apart", one, theirs["company"], kind, value


async def ask(verifier: Verifier, pairs: list[Pair]) -> dict[str, Counter[str]]:
    """Answers by kind of pair."""
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for start in range(0, len(pairs), 100):
        part = pairs[start : start + 100]
        asked = [ContactQuestion.model_validate({"name": f"{p['given']} {p['family']}", "company": c, k: v}) for _, p, c, k, v in part]
        for (kind, *_), outcome in zip(part, await verify_contacts(verifier, asked), strict=True):
            if kind == "true" and isinstance(outcome, dict) and outcome["reason"] == "no source here attests it":
                kind = "true, not taken in"  # hidden by its source, or a number without its country
            answers[kind]["error" if isinstance(outcome, Exception) else outcome["answer"]] += 1
            if isinstance(outcome, dict):
                answers[kind][f"{outcome['answer']}: {re.sub(r'[0-9-]{7,}', '...', outcome['reason'])}"] += 1
    return answers


async def run(store: str, folder: Path, sample: int, seed: int, why: bool) -> None:
    """Ask and print."""
    rng = random.Random(seed)
    until = date.fromisoformat(orjson.loads((folder / "manifest.json").read_bytes())["options"]["until"])
    people = {p["person_id"]: p for p in map(orjson.loads, (folder / "people.jsonl").read_bytes().splitlines()) if p["observed"]}
    feeds = told(folder)
    rows = csv.DictReader((folder / "traps.csv").open(encoding="utf-8"))
    every = ((row["trap_kind"], row["person_ids"].split()) for row in rows)
    traps = [(trap, ids) for trap, ids in every if people.keys() >= set(ids)]
    since = date.fromordinal(until.toordinal() - LASTING).isoformat()
    by_kind: dict[str, list[Pair]] = defaultdict(list)
    for pair in (*true_pairs(people, feeds, since), *false_pairs(people, feeds, traps, rng)):
        by_kind[pair[0]].append(pair)
    reader = await open_reader(store)
    key = SuppressionKey.load_or_create(Path(store.partition(":")[2]))
    now = datetime.combine(until, datetime.min.time(), UTC)
    door = ProfileReader(reader)
    verifier = Verifier(
        door, SourceNames(reader.contacts), SuppressionList(reader.service, key), DnsMailHosts(("127.0.0.1:1",)), now=lambda: now
    )
    answers = await ask(verifier, [pair for pairs in by_kind.values() for pair in rng.sample(pairs, min(sample, len(pairs)))])
    await reader.close()
    wrong = asked = 0
    for kind, counts in answers.items():
        total = sum(counts[word] for word in ("yes", "no", "unsure", "error"))
        shares = "".join(f"{counts[word] / total:9.4f} {word}" for word in ("yes", "unsure", "no"))
        print(f"{kind:30s}{total:7d}{shares}")
        if why:
            print("\n".join(f"      {count:6d} {text}" for text, count in counts.most_common() if ":" in text))
        if not kind.startswith("true"):
            wrong, asked = wrong + counts["yes"], asked + total
    print(f"{'false pairs answered yes':30s}{asked:7d}{wrong / asked:9.4f}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=4000, help="pairs of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--why", action="store_true", help="what decided the answers, by kind")
    options = parser.parse_args()
    asyncio.run(run(options.store, options.folder, options.sample, options.seed, options.why))


if __name__ == "__main__":
    main()
