"""`roster providers`, as an operator uses it, with a provider that listens on loopback: preview, sending, taking in, being killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.cli.running import ROOT, Roster
from tests.indexer.providers import server

BLOCKS = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "providers.md").read_text("utf-8"), re.S)
NAMES = [*server.PHONES, "Caroline Herschel", "Hedy Lamarr"]

CRM = """
id = "crm"
name = "Contacts (invented)"
kind = "public"
legal_basis = "legitimate interests"
purposes = ["tests"]
balancing_test = "LIA-T"
visibility = "everyone"
[licence]
evidence = "terms"
[feed]
format = "jsonl"
[fields]
record_id = "id"
name = "name"
jobs = "[{title: title, company: company}]"
links = "[{network: 'linkedin', handle: link}]"
"""


@pytest.fixture
def listening() -> Iterator[server.Provider]:
    """The provider."""
    with server.running() as provider:
        yield provider


@pytest.fixture
def roster(tmp_path: Path, listening: server.Provider) -> Roster:
    """A store with five people of whom no phone number is held, and the files that docs/providers.md shows."""
    provider, source = BLOCKS
    (tmp_path / "lookup.key").write_text(server.KEY)
    text = provider.replace("https://api.lookup.example/v1/person", listening.url).replace("per_minute = 60", "per_minute = 6000")
    (tmp_path / "lookup.toml").write_text(text)
    (tmp_path / "source.toml").write_text(source.replace("answer.", "answer.person."))
    (tmp_path / "crm.toml").write_text(CRM)
    rows = [
        {"id": str(n), "name": name, "title": "Engineer", "company": "Acme", "link": name.replace(" ", "-")} for n, name in enumerate(NAMES)
    ]
    (tmp_path / "crm.jsonl").write_text("\n".join(map(json.dumps, rows)))
    made = Roster(tmp_path)
    assert made("sources", "add", "crm.toml", "source.toml").code == 0
    assert made("ingest", "crm.jsonl", "--source", "crm").code == 0
    return made


SEND = ("providers", "send", "lookup.toml", "--answers", "answers.jsonl")


def test_from_a_preview_to_a_number_in_the_profile(roster: Roster, listening: server.Provider) -> None:
    """The files of the manual are good; the preview shows every question and sends none; --yes sends; ingest takes in; `sent` tells."""
    assert roster("providers", "check", "lookup.toml").out == "lookup.toml: good (provider lookup)\n"
    shown = roster(*SEND)
    assert "about 5 profiles" in shown.out
    assert "name: Ada Lovelace, company: Acme, link: https://www.linkedin.com/in/ada-lovelace" in shown.out
    assert len(roster(*SEND, "--json").json["questions"]) == 5
    assert not listening.asked
    assert not (roster.folder / "answers.jsonl").exists()
    done = roster(*SEND, "--yes")
    assert (done.code, len(listening.asked)) == (0, 5), done.err
    assert "3 answered" in done.out
    assert "2 of whom they know nothing" in done.out
    assert roster("ingest", "answers.jsonl", "--source", "lookup").code == 0
    (ada,) = roster("search", server.PHONES["Ada Lovelace"], "--json").json["hits"]
    assert ada["name"] == "Ada Lovelace"
    (told,) = roster("providers", "sent", ada["id"], "--json").json["disclosures"]
    assert (told["recipient"], told["fields"], told["agreement"]) == ("lookup", ["name", "company", "link"], "DPA 2026-014")
    assert "name, company, link to Contact Lookup Ltd" in roster("providers", "sent", ada["id"]).out
    assert roster(*SEND, "--yes", "--json").json["sent"] == 0


def test_a_run_that_is_killed_goes_on_and_repeats_nothing(roster: Roster, listening: server.Provider) -> None:
    """Killed while a question is under way: the next run asks about the others, and about nobody a second time."""
    command = [sys.executable, "-m", "cli.main", *SEND, "--yes"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}
    with subprocess.Popen(
        command, cwd=roster.folder, env={**plain, "ROSTER_STORE": "embedded:store", "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    ) as process:

        def kill(number: int) -> web.Response | None:
            if number == 3:
                process.send_signal(signal.SIGKILL)
                process.wait()
            return None

        listening.before = kill
        assert process.wait(60) == -signal.SIGKILL
    assert len(listening.asked) == 3
    assert len((roster.folder / "answers.jsonl").read_text().splitlines()) <= 2
    listening.before = lambda number: None
    rest = roster(*SEND, "--yes", "--json")
    assert (rest.code, rest.json["sent"]) == (0, 2), rest.err
    assert sorted(question["name"] for question in listening.asked) == sorted(NAMES)


def test_what_is_wrong_is_told_and_nothing_is_sent(roster: Roster, listening: server.Provider) -> None:
    """A bad file, a disabled source, a key that is refused: each a clear message, an exit code of 1, and no trace of anybody."""
    (roster.folder / "bad.toml").write_text('id = "x"\nurl = "ftp://x"\n')
    bad = roster("providers", "check", "bad.toml")
    assert bad.code == 1
    assert "agreement: is missing" in bad.out
    assert "url: is no address that may be sent to" in bad.out
    assert roster("sources", "disable", "lookup").code == 0
    refused = roster(*SEND, "--yes")
    assert (refused.code, listening.asked) == (1, [])
    assert "disabled" in refused.err
    assert roster("sources", "enable", "lookup").code == 0
    nowhere = roster(*SEND[:4], "no/such/folder.jsonl", "--yes")
    assert (nowhere.code, listening.asked) == (1, [])
    assert "--answers: cannot be written" in nowhere.err
    (roster.folder / "lookup.key").write_text("another")
    stopped = roster(*SEND, "--yes")
    assert stopped.code == 1
    assert "refuses the key" in stopped.err
    assert not any(name in stopped.err + stopped.out for name in NAMES)
