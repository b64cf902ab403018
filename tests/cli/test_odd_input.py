"""What goes wrong at three in the morning: a mistyped path, the wrong file, a taken port, Ctrl-C. Said clearly, and nothing is harmed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests.cli.running import EXAMPLES, ROOT, Roster

FEED = EXAMPLES / "crm_contacts.csv"


@pytest.fixture
def ready(empty: Roster) -> Roster:
    """`roster` on a store that knows the example CRM export and holds nothing yet."""
    assert empty("sources", "add", str(EXAMPLES / "sources/crm_contacts.toml")).code == 0
    return empty


@pytest.mark.parametrize(
    "arguments",
    [
        ("suppress", "--email", "jane@acme.example"),
        ("expire", "--yes"),
        ("reindex",),
        ("ingest", str(FEED), "--source", "crm_contacts"),
        ("sources", "disable", "crm_contacts"),
        ("search", "jane"),
        ("status",),
        ("export", "profiles", "--out", "profiles.jsonl"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_mistyped_store_is_no_new_store(empty: Roster, arguments: tuple[str, ...]) -> None:
    """Only `sources add` makes a store: nobody is told "removed" by an empty one that a wrong path has just made."""
    ran = empty(*arguments, "--store", "embedded:mistyped")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: there is no mistyped/contacts.sqlite: `roster sources add` makes a store\n"
    assert not (empty.folder / "mistyped").exists()


@pytest.mark.parametrize("url", ["postgres://x", "nonsense", "embedded:", "opensearch://x"])
def test_a_url_no_engine_knows_is_answered_with_one_that_is_known(empty: Roster, url: str) -> None:
    """Every command says the same of it, and that is wrong use."""
    for arguments in (["search", "x"], ["sources", "list"], ["serve", "--port", "0"]):
        ran = empty(*arguments, "--store", url)
        assert ran.code == 2
        assert "allowed: embedded:PATH" in ran.err


def test_words_may_be_typed_with_or_without_quotes(examples: Roster) -> None:
    """`roster search head of data` is `roster search "head of data"`; blanks alone are no search."""
    assert examples("search", "head", "of", "engineering", "warsaw").out == examples("search", "head of engineering warsaw").out
    ran = examples("search", "   ")
    assert ran.code == 2
    assert "say what to look for" in ran.err


def test_the_commonest_reasons_are_in_the_summary(ready: Roster) -> None:
    """A whole feed that cannot be taken (another delimiter, another source) says why at once, without a second run."""
    (ready.folder / "commas.csv").write_text(FEED.read_text("utf-8").replace(";", ","), "utf-8")
    ran = ready("ingest", "commas.csv", "--source", "crm_contacts")
    assert ran.code == 1
    assert "one column by the delimiter ';'" in ran.err
    header, records = FEED.read_text("utf-8").split("\n", 1)
    (ready.folder / "other.csv").write_text(header.replace("Record_ID", "Key") + "\n" + records, "utf-8")
    ran = ready("ingest", "other.csv", "--source", "crm_contacts")
    assert ran.code == 3
    assert "    105 x " in ran.out
    reasons = ready("ingest", "other.csv", "--source", "crm_contacts", "--json").json["reasons"]
    assert sum(why["count"] for why in reasons) >= 105
    assert all(why["reason"] for why in reasons)
    (ready.folder / "noise.csv").write_text("a;b\n" + '1;2;3\n"x\n' * 3 + "1\n", "utf-8")
    shown = ready("ingest", "noise.csv", "--source", "crm_contacts").out.splitlines()
    assert any(line.endswith("fields where the header has 2") for line in shown), shown


def test_names_with_signs_lost_are_refused(ready: Roster) -> None:
    """A file in another encoding than its source says: records with signs that cannot be read are rejected, the others are taken."""
    (ready.folder / "latin.csv").write_bytes(FEED.read_text("utf-8").encode("cp1252", "ignore"))
    ran = ready("ingest", "latin.csv", "--source", "crm_contacts", "--rejects", "rejects.jsonl", "--json")
    assert ran.code == 3
    assert 0 < ran.json["rejected_records"] < 105
    assert ran.json["new"] + ran.json["rejected_records"] == 105
    reject = json.loads((ready.folder / "rejects.jsonl").read_text("utf-8").splitlines()[0])
    assert "not utf-8" in reject["reason"]
    ready("export", "profiles", "--out", "profiles.jsonl")
    assert "\ufffd" not in (ready.folder / "profiles.jsonl").read_text("utf-8")


def test_the_rejects_file_is_looked_after_before_the_first_record(ready: Roster) -> None:
    """It cannot be the feed itself, or lie where nothing can be written; a run without rejects leaves none of an earlier run."""
    feed = ready.folder / "feed.csv"
    feed.write_bytes(FEED.read_bytes())
    for target, why in (("feed.csv", "is the feed itself"), ("nowhere/rejects.jsonl", "cannot be written")):
        ran = ready("ingest", "feed.csv", "--source", "crm_contacts", "--rejects", target)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(f"Error: --rejects: {why}")
    assert feed.read_bytes() == FEED.read_bytes()
    assert ready("status", "--json").json["records"] == 0
    (ready.folder / "old.jsonl").write_text('{"line": 1}\n', "utf-8")
    assert ready("ingest", "feed.csv", "--source", "crm_contacts", "--rejects", "old.jsonl").code == 0
    assert (ready.folder / "old.jsonl").read_bytes() == b""


def test_files_that_are_no_feed(ready: Roster) -> None:
    """Missing, a folder, empty, noise: each has its own end, and the file's name is in the message."""
    (ready.folder / "empty.csv").touch()
    (ready.folder / "noise.csv").write_bytes(bytes(range(256)) * 40)
    for name, code in (("missing.csv", 1), (".", 1), ("empty.csv", 0), ("noise.csv", 3)):
        ran = ready("ingest", name, "--source", "crm_contacts")
        assert ran.code == code, f"{name}: {ran.err}"
        assert code != 1 or ran.err.startswith(f"Error: {name}: cannot be read"), ran.err
    assert ready("status", "--json").json["records"] == 0


def test_everything_wrong_with_source_files_is_said_under_their_names(empty: Roster) -> None:
    """`sources add` of several files registers all or none, and names file and field of every mistake at once."""
    good = (EXAMPLES / "sources/crm_contacts.toml").read_text("utf-8")
    bad = good.replace('"crm_contacts"', '"CRM contacts"').replace('"licensed_third_party"', '"users"').replace('"DE"', '"Germany"')
    (empty.folder / "bad.toml").write_text(bad.replace("[licence]", '[licences]\nx = 1\n[licence]\nuntill = "x"'), "utf-8")
    (empty.folder / "good.toml").write_text(good, "utf-8")
    ran = empty("sources", "add", "good.toml", "bad.toml", "missing.toml")
    assert ran.code == 1
    for field in ("id", "kind", "country", "licences", "licence.untill"):
        assert f"  bad.toml: {field}: " in ran.err, ran.err
    assert "  missing.toml: cannot be read" in ran.err
    assert not (empty.folder / "store").exists()


def test_an_unknown_source_is_answered_with_those_that_are_known(ready: Roster) -> None:
    """A mistyped source id does not need a second command to put right."""
    ran = ready("ingest", str(FEED), "--source", "crm")
    assert ran.code == 1
    assert "registered: crm_contacts" in ran.err


def test_serve_says_why_it_cannot_listen(examples: Roster) -> None:
    """A port that another program holds, and an address this machine does not have."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = examples("serve", "--port", str(taken.getsockname()[1]))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("Error: port: is in use by another program (allowed: a free port; 0 picks one)\n")
    ran = examples("serve", "--host", "192.0.2.1", "--port", "0", ROSTER_API_KEYS="a" * 64)
    assert (ran.code, ran.out) == (1, "")
    assert "Error: host: is not an address of this machine" in ran.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_was_done(ready: Roster, number: signal.Signals) -> None:
    """An ingest stopped by Ctrl-C, or by a service manager, says that the same command goes on from there; it does."""
    head, row, *_ = FEED.read_bytes().splitlines(keepends=True)
    rows = [row.replace(b"CRM-5000", b"CRM-%d" % number) for number in range(2000)]
    command = [sys.executable, "-m", "cli.main", "--store", "embedded:store", "ingest", "-", "--source", "crm_contacts"]
    with subprocess.Popen(
        command, cwd=ready.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(b"".join([head, *rows]))  # more than a pipe holds: when this returns, the ingest is reading
        process.stdin.flush()
        process.send_signal(number)
        guard = threading.Timer(60, process.kill)  # deaf to Ctrl-C, it would wait for more input for ever
        guard.start()
        said = process.stderr.read().decode()
        guard.cancel()
        assert process.wait() == 1
    assert said == "Stopped. What was done is kept; the same command goes on from there.\n"
    (ready.folder / "feed.csv").write_bytes(b"".join([head, *rows]))
    assert ready("ingest", "feed.csv", "--source", "crm_contacts").code == 0
    assert ready("status", "--json").json["records"] == 2000
