"""Feeds that come late or again, from the command line, on both engines: what is newer stays, and nothing is told twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import EXAMPLES, Roster
from tests.stores import ENGINES

OLD, NEW = "+49 30 23125 001", "+49 30 23125 002"  # 030 23125 is kept free for use in fiction
COLUMNS = "Record_ID;Collected_At;Valid until;Country;CONTACT NAME;E-Mail;Phone;Job title;Company;CITY;State;Linked_In"


class Office:
    """An operator with the source files of two examples: a crawler's pages, and a CRM export that is delivered late."""

    def __init__(self, url: str, folder: Path) -> None:
        self._run, self._url, self._folder = Roster(folder), url, folder
        for source in ("team_pages", "crm_contacts"):
            self("sources", "add", str(EXAMPLES / "sources" / f"{source}.toml"))

    def __call__(self, *arguments: str) -> Any:
        """Run a command and let no failure pass; what it printed as JSON, where that was asked for."""
        ran = self._run(*arguments, ROSTER_STORE=self._url, ROSTER_SUPPRESSION_KEY="0f" * 32, ROSTER_TAXONOMY="taxonomy")
        assert ran.code == 0, ran.err
        return ran.json if "--json" in arguments else None

    def pages(self, fetched: str, phone: str) -> dict[str, int]:
        """Ingest the pages of three invented people; one of them has the phone."""
        rows = [
            page(n, name, fetched, phone if n == 0 else None) for n, name in enumerate(("Wilfreda Ostrowind", "Tomma Kiel", "Ilva Nord"))
        ]
        feed = self._folder / "pages.jsonl"
        feed.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        counts: dict[str, int] = self("ingest", str(feed), "--source", "team_pages", "--json")
        return counts

    def export(self, collected: str, phone: str) -> dict[str, int]:
        """Ingest the export of a CRM that knows one of them."""
        row = f"c1;{collected};;Germany;Ostrowind, Wilfreda;wilfreda.ostrowind@ostrowind.example;{phone};Head of Design;Ostrowind;Berlin;;"
        feed = self._folder / "crm.csv"
        feed.write_text(f"{COLUMNS}\n{row}\n", "utf-8")
        counts: dict[str, int] = self("ingest", str(feed), "--source", "crm_contacts", "--json")
        return counts

    def phones(self) -> list[str]:
        """The phones of the one person, the one shown first at the beginning."""
        (found,) = self("search", "Ostrowind Wilfreda", "--json")["hits"]
        return [value["value"] for value in self("show", found["id"], "--json")["phones"]]


def page(number: int, name: str, fetched: str, phone: str | None) -> dict[str, Any]:
    """A row of team_pages."""
    first, last = name.split()
    return {
        "id": f"page-{number}",
        "page": {"fetched": fetched},
        "organisation": {"name": last},
        "office": {"city": "Berlin", "country": "Germany"},
        "person": {
            "first_name": first,
            "last_name": last,
            "role": "Head of Design",
            "contact": {"email": f"{first}.{last}@{last}.example".lower(), "phone": phone},
        },
    }


@pytest.fixture(params=sorted(ENGINES))
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """On each engine."""
    with ENGINES[request.param](tmp_path, request) as url:
        yield Office(url, tmp_path)


def test_a_stale_feed_that_arrives_late_does_not_change_a_newer_phone(office: Office) -> None:
    """Of another source, an older number is kept behind the newer one; of the same source, an older page is counted and changes nothing."""
    office.pages("2026-10-01", NEW)
    (shown,) = office.phones()
    late = office.export("2026-03-01", OLD)
    assert (late["new"], late["profiles_new"]) == (1, 0)
    both = office.phones()
    assert (both[0], len(both)) == (shown, 2)
    stale = office.pages("2026-02-01", OLD)
    assert (stale["older"], stale["new"], stale["changed"]) == (3, 0, 0)
    assert office.phones() == both


def test_batches_ingested_again_add_no_event(office: Office) -> None:
    """Feeds of two sources, and a newer delivery of one: all of them again, in the same order, leave every history as it was."""

    def deliver() -> list[dict[str, int]]:
        return [office.pages("2026-02-01", OLD), office.export("2026-03-01", OLD), office.pages("2026-10-01", NEW)]

    deliver()
    before = office("history", "--check", "--json")
    assert (before["events"], before["profiles"]) == (4, 3)
    assert all((counts["new"], counts["changed"]) == (0, 0) for counts in deliver())
    assert office("history", "--check", "--json") == before
