"""Rows of a CRM export against people known from other feeds: is the right person first, and when a match is claimed, is it right?

    python bench/reconciling.py DATASET [--rows 300]

DATASET is a folder of feeds with their truth. The store holds the true persons, merged from every feed but the CRM exports, whose rows are
then reconciled as OpenRefine would ask for them, with more or fewer columns. Rows about people whom no other feed shows count too: for
them any claimed match is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson
from true_people import fill_by_truth, true_person_of

from engines.base import Collection
from engines.opening import open_reader, utc_today
from privacy.reading import ProfileReader
from search_api.reconcile.matching import match
from search_api.reconcile.schemas import Query

FEED = "crm_export"
COLUMNS = {"company": ("Company",), "job_title": ("job Title",), "location": ("CITY", "country"), "email": ("E-mail",), "phone": ("Phone",)}
ASKED = {
    "name": (),
    "name, company": ("company",),
    "name, title, place": ("job_title", "location"),
    "name, company, e-mail": ("company", "email"),
    "everything": tuple(COLUMNS),
}


def without_the_feed(dataset: Path, folder: Path) -> Path:
    """The data set by links, but for the CRM exports."""
    for path in dataset.rglob("*"):
        if path.is_file() and path.stem != FEED:
            link = folder / path.relative_to(dataset)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
    return folder


def rows_of(dataset: Path, number: int) -> list[dict[str, str]]:
    """Some rows of the export, the same for the same data set."""
    rows: dict[str, dict[str, str]] = {}
    for path in sorted(dataset.rglob(f"{FEED}.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows |= {row["Record_ID"]: row for row in csv.DictReader(file, delimiter=";")}
    return random.Random(1).sample(list(rows.values()), min(number, len(rows)))


def query_of(row: dict[str, str], columns: tuple[str, ...]) -> Query:
    """The row as a query."""
    values = {name: ", ".join(row[column] for column in COLUMNS[name] if row.get(column)) for name in columns}
    properties = [{"pid": name, "v": value[:200]} for name, value in values.items() if value]
    return Query.model_validate({"query": row["CONTACT NAME"][:200], "limit": 5, "properties": properties})


async def measure(dataset: Path, number: int) -> dict[str, Any]:
    """For each choice of columns: shares of the rows."""
    person_of = true_person_of(dataset)
    with tempfile.TemporaryDirectory() as folder:
        store = f"embedded:{folder}/store"
        await fill_by_truth(store, without_the_feed(dataset, Path(folder) / "feeds"))
        reader = await open_reader(store)
        try:
            of_profile: dict[str, str] = {}
            async for document in reader.contacts.scan(Collection.PROFILES):
                first = orjson.loads(document.body)["records"][0]
                of_profile[document.key] = person_of[first]
            held, profiles = set(of_profile.values()), ProfileReader(reader, utc_today)
            told = {}
            for label, columns in ASKED.items():
                counts = {"rows": 0, "held": 0, "first": 0, "among five": 0, "claimed": 0, "claimed wrongly": 0}
                for row in rows_of(dataset, number):
                    right = person_of[f"{FEED}/{row['Record_ID']}"]
                    found = await match(profiles, query_of(row, columns), "")
                    people = [of_profile[candidate["id"]] for candidate in found]
                    counts["rows"] += 1
                    counts["held"] += right in held
                    counts["first"] += people[:1] == [right]
                    counts["among five"] += right in people
                    claimed = bool(found) and found[0]["match"]
                    counts["claimed"] += claimed
                    counts["claimed wrongly"] += claimed and people[0] != right
                told[label] = counts
            return told
        finally:
            await reader.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told = asyncio.run(measure(given.dataset, given.rows))
    if given.json:
        sys.stdout.write(orjson.dumps(told).decode() + "\n")
        return
    for label, counts in told.items():
        sys.stdout.write(f"{label:24} " + "  ".join(f"{name} {count}" for name, count in counts.items()) + "\n")


if __name__ == "__main__":
    main()
