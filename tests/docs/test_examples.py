"""The example feeds: reproducible, fictional throughout, and holding what the README's searches ask for."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import phonenumbers
import pytest

from privacy.fieldmap import FieldMap, MappedRecord
from privacy.gate import gate
from privacy.sources import read_source
from profiles.normalise.fold import fold
from profiles.normalise.location import normalise_location
from profiles.normalise.result import Normalised

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
FEEDS = {"crm_contacts": "crm_contacts.csv", "team_pages": "team_pages.jsonl", "conference_speakers": "conference_speakers.jsonl"}
TODAY = date(2026, 11, 23)

# Numbers no subscriber has: Bundesnetzagentur (49), Ofcom (44), NANPA (1), ARCEP (33), ACMA (61), PTS (46).
RESERVED_PHONE = re.compile(
    r"\+(49(3023125|4066969|8999998|2214710)\d{3}|44(207946|113496)0\d{3}|1\d{3}55501\d\d|33(19900|53649)\d{4}|6125550\d{4}|468465004\d\d)"
)
RESERVED_DOMAIN = re.compile(r"[a-z0-9-]+\.(example|test)")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_examples", ROOT / "bench" / "make_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(name: str) -> list[dict[str, Any]]:
    text = (EXAMPLES / FEEDS[name]).read_text("utf-8")
    if FEEDS[name].endswith(".csv"):
        return list(csv.DictReader(text.splitlines(), delimiter=";"))
    return [json.loads(line) for line in text.splitlines()]


def mapped(name: str) -> list[MappedRecord]:
    fields = FieldMap(read_source(EXAMPLES / "sources" / f"{name}.toml", TODAY))
    problems: list[Any] = []
    records = [fields.apply(row, problems) for row in rows(name)]
    assert problems == []
    return records


@pytest.fixture(scope="module")
def records() -> dict[str, list[MappedRecord]]:
    return {name: mapped(name) for name in FEEDS}


def test_the_generator_writes_exactly_these_files() -> None:
    """Whoever runs the generator gets the files of the repository, byte for byte."""
    written = generator().feeds()
    assert set(written) == set(FEEDS.values())
    for name, text in written.items():
        assert (EXAMPLES / name).read_bytes() == text.encode(), name


def test_three_feeds_hold_300_records_of_150_persons(records: dict[str, list[MappedRecord]]) -> None:
    """The numbers the README promises."""
    module = generator()
    everyone = module.persons(module.random.Random(20261123))
    assert len(everyone) == 150
    assert sum(map(len, records.values())) == 300
    for name, found in records.items():
        assert len({r["record_id"] for r in found}) == len(found), name
    assert sum(len(p.feeds) > 1 for p in everyone) > 90


def test_every_contact_detail_is_reserved_for_fiction(records: dict[str, list[MappedRecord]]) -> None:
    """No mailbox, page or telephone of a real person or company can be reached with an example."""
    phones = 0
    for found in records.values():
        for record in found:
            country = normalise_location(country=record["country"]) if "country" in record else None
            region = country.parts["country"] if isinstance(country, Normalised) else None
            for value in record.get("emails", []):
                address = value if isinstance(value, str) else value["value"]
                assert RESERVED_DOMAIN.fullmatch(address.split("@")[1].lower())
            for value in record.get("phones", []):
                phones += 1
                parsed = phonenumbers.parse(value if isinstance(value, str) else value["value"], region)
                assert phonenumbers.is_valid_number(parsed)
                assert RESERVED_PHONE.fullmatch(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
            if "url" in record:
                assert RESERVED_DOMAIN.search(record["url"].split("/")[2])
    assert phones > 80


def test_the_sources_take_every_record(records: dict[str, list[MappedRecord]]) -> None:
    """The source files that come with the feeds read all of them, and leave out only what not everyone may see."""
    dropped = Counter()
    for name, found in records.items():
        source = read_source(EXAMPLES / "sources" / f"{name}.toml", TODAY)
        for record in found:
            _, problems = gate(record, source, TODAY)
            dropped.update((name, p.detail) for p in problems)
    assert set(dropped) == {("conference_speakers", "not visible to everyone at the source")}
    assert sum(dropped.values()) > 5


def test_every_place_is_found(records: dict[str, list[MappedRecord]]) -> None:
    """Each office is written in several ways; all are known cities."""
    places = [job["location"] for found in records.values() for record in found for job in record["jobs"]]
    for place in places:
        found = normalise_location(**place) if "text" not in place else normalise_location(place["text"])
        assert isinstance(found, Normalised)
        assert found.parts["lat"] is not None


def test_the_feeds_hold_what_the_searches_ask_for(records: dict[str, list[MappedRecord]]) -> None:
    """Namesakes, a nickname, a native name, a role mailbox, a value no longer vouched for: each is there."""
    crm, pages, speakers = (records[name] for name in FEEDS)
    mailboxes = Counter(email for r in pages for email in r.get("emails", []))
    assert mailboxes["info@lalezarin.example"] >= 3
    assert [r["name"] for r in crm].count("Osterloh, Thomas") + [r["name"] for r in crm].count("Osterloh, Tom") == 2
    assert "Bob Whitcombe" in {r["name"] for r in speakers} or "Whitcombe, Bob" in {r["name"] for r in crm}
    assert any(r.get("other_names") == ["中村さくら"] for r in speakers)
    expired = [r for r in crm if r.get("valid_until", "9999") < TODAY.isoformat()]
    assert {fold(r["name"]).split()[0] for r in expired} == {"nwachukwuma", "vaugrenard"}
    heads = [r for r in pages if r["jobs"][0]["title"] == "Head of Data" and r["jobs"][0]["location"]["city"] == "München"]
    assert {"Lindhorst", "Clairefont"} <= {r["name"]["family"] for r in heads}


def test_no_two_persons_share_a_personal_address_or_line() -> None:
    """Only role mailboxes are shared: everything else that two records have in common means one person."""
    module = generator()
    everyone = list(enumerate(module.persons(module.random.Random(20261123))))
    addresses = Counter(module.email(n, p) for n, p in everyone)
    lines = Counter(line for n, p in everyone if (line := module.phone(n, p)))
    assert [a for a, count in addresses.items() if count > 1] == []
    assert [line for line, count in lines.items() if count > 1] == []
