"""The edge: quick help, one clear message for every error, exit codes other programs rely on, settings from one place."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import main, parts
from cli.console import ProgressLine, duration, printable, table
from cli.demo import examples
from cli.ingest import summary_lines
from cli.main import run
from cli.settings import Settings, read_settings, variable
from indexer.ingest import IngestSummary
from profiles.errors import Problem, ProfileNotFound, QueryInvalid, SettingsInvalid, SourceInvalid, StoreBusy
from tests.cli.running import ROOT, Roster

HEAVY = ("aiohttp", "tantivy", "phonenumbers", "pydantic", "sqlite3", "opensearchpy", "jellyfish")


def test_help_loads_nothing_heavy() -> None:
    """`roster --help` does not wait for what only some commands need."""
    code = f"import sys, cli.main; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProfileNotFound("no profile has this id"), 1),
        (StoreBusy("another process holds the store"), 1),
        (SourceInvalid([Problem("kind", "is missing", "public")]), 1),
        (QueryInvalid([Problem("/size", "is too big", "at most 100")]), 2),
        (SettingsInvalid([Problem("store", "is not a store url")]), 2),
    ],
)
def test_every_error_is_one_clear_message(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error raised on purpose becomes its own words on standard error and an exit code: 1 failed, 2 wrong use."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(parts, "settings", fail)
    assert run(["status"]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"Error: {error}\n"


def test_several_problems_are_listed_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that is wrong is said at once, each with what is allowed."""
    main.explain(SourceInvalid([Problem("id", "is missing"), Problem("kind", "is wrong", "public")]))
    assert capsys.readouterr().err == "Error: 2 things are wrong:\n  id: is missing\n  kind: is wrong (allowed: public)\n"


def test_an_unexpected_error_shows_no_trace_and_no_data(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A bug ends in one line without the error's own text, which may quote a person's data; --debug shows all."""

    def fail() -> None:
        raise ValueError("jane.marked@acme.example")

    monkeypatch.setattr(parts, "settings", fail)
    assert run(["status"]) == 1
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "--debug" in said
    assert "jane.marked" not in said
    assert "Traceback" not in said
    for arguments in (["--debug", "status"], ["status", "--debug"]):
        assert run(arguments) == 1
        assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["nope"], ["ingest"], ["search"], ["suppress"], ["serve", "--port", "99999"], ["status", "--nope"]])
def test_wrong_use_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command line that makes no sense is answered with how to use it and exit code 2."""
    assert run(arguments) == 2
    assert "Usage:" in capsys.readouterr().err


def test_no_command_line_ends_in_a_trace(empty: Roster) -> None:
    """What a person may plausibly mistype against an empty store: a message each, never a trace."""
    for arguments in (
        ["search", "x"],
        ["show", "nope"],
        ["show", ""],
        ["ingest", "nofile", "--source", "nope"],
        ["sources", "add", "nofile.toml"],
        ["sources", "check", "nofile.toml"],
        ["sources", "show", "nope"],
        ["sources", "disable", "nope"],
        ["suppress", "--email", "no address"],
        ["suppress", "--phone", "12"],
        ["export", "profiles", "--out", "nofolder/x.jsonl"],
        ["--store", "postgres:x", "status"],
        ["status", "--store", "embedded:"],
    ):
        ran = empty(*arguments)
        assert "unexpected" not in ran.err, f"{arguments}: {ran.err}"
        assert "Traceback" not in ran.err, f"{arguments}: {ran.err}"
        assert ran.code in (0, 1, 2), arguments


def test_the_store_may_be_named_before_or_after_the_command(empty: Roster) -> None:
    """--store wins over ROSTER_STORE, wherever it stands."""
    before = empty("--store", "embedded:other", "sources", "add", str(examples() / "sources/team_pages.toml"))
    after = empty("sources", "list", "--store", "embedded:other", "--json")
    assert before.code == 0
    assert [source["id"] for source in after.json["sources"]] == ["team_pages"]
    assert not (empty.folder / "store").exists()


# --- settings -------------------------------------------------------------------------------------------------------------------


def test_defaults_work_on_one_machine() -> None:
    """Without any setting: a store in the current folder, the shipped policy, no keys."""
    assert read_settings(environ={}) == Settings()
    assert Settings().store == "embedded:./roster-data"


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    """Each ROSTER_ variable fills its field; an empty one counts as unset; the command line's store wins."""
    policy = tmp_path / "policy.toml"
    policy.touch()
    environ = {
        "ROSTER_STORE": "embedded:/data",
        "ROSTER_API_KEYS": f"{'a' * 64}, {'b' * 64}",
        "ROSTER_OPERATOR_KEYS": "c" * 64,
        "ROSTER_POLICY": str(policy),
        "ROSTER_SUPPRESSION_KEY": "0f" * 32,
        "ROSTER_TAXONOMY": "",
        "ROSTER_DNS_SERVERS": "127.0.0.1:5353, ::1",
        "ROSTER_SMTP_SENDER": "verify@roster.example",
        "ROSTER_VERIFY_DAYS": "90",
        "ROSTER_JOB_HOURS": "24",
        "ROSTER_WEBHOOK_ORIGINS": "https://hooks.acme.example, http://127.0.0.1:9000",
    }
    found = read_settings(environ=environ)
    assert (found.store, found.policy, found.suppression_key, found.taxonomy) == ("embedded:/data", policy, "0f" * 32, None)
    assert (found.dns_servers, found.smtp_sender, found.verify_days) == (("127.0.0.1:5353", "::1"), "verify@roster.example", 90)
    assert (found.job_hours, sorted(found.webhook_origins)) == (24, ["http://127.0.0.1:9000", "https://hooks.acme.example"])
    assert found.api_keys == {"a" * 64, "b" * 64}
    assert read_settings("embedded:x", environ).store == "embedded:x"
    assert set(environ) | {"ROSTER_SUPPRESSION_KEY_FILE"} == {variable(field) for field in Settings.model_fields}


def test_the_suppression_key_may_come_as_a_file(tmp_path: Path) -> None:
    """A secret handed in as a file is read from it; no key in the file, no file, or the key set twice is said, never the key."""
    file = tmp_path / "suppression.key"
    file.write_text("0f" * 32 + "\n")
    environ = {"ROSTER_SUPPRESSION_KEY_FILE": str(file)}
    assert read_settings(environ=environ).suppression_key == "0f" * 32
    both = {**environ, "ROSTER_SUPPRESSION_KEY": "0e" * 32}
    for wrong in (both, {"ROSTER_SUPPRESSION_KEY_FILE": str(tmp_path)}, {"ROSTER_SUPPRESSION_KEY_FILE": __file__}):
        with pytest.raises(SettingsInvalid, match=r"^ROSTER_SUPPRESSION_KEY_FILE: ") as caught:
            read_settings(environ=wrong)
        assert "0f0f" not in str(caught.value)


def test_every_unusable_setting_is_named_at_once_without_its_value() -> None:
    """A secret mistyped into the environment is named by its variable, never repeated."""
    environ = {"ROSTER_API_KEYS": "s3cret", "ROSTER_SUPPRESSION_KEY": "hunter2", "ROSTER_POLICY": "/nowhere/at/all.toml"}
    environ |= {"ROSTER_DNS_SERVERS": "zyxserver", "ROSTER_SMTP_SENDER": "zyxsender", "ROSTER_VERIFY_DAYS": "-37"}
    environ |= {"ROSTER_JOB_HOURS": "never", "ROSTER_WEBHOOK_ORIGINS": "zyxhooks"}
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(environ=environ)
    assert {problem.pointer for problem in caught.value.problems} == set(environ)
    assert not any(value in str(caught.value) for value in environ.values())


def test_a_misspelt_setting_is_told_and_other_variables_are_let_be() -> None:
    """A store or keys under a wrong name would silently be the default; what Kubernetes sets for a service called roster is not ours."""
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(environ={"ROSTER_STROE": "embedded:x", "ROSTER_API_KEY": "k"})
    assert [(p.pointer, p.allowed) for p in caught.value.problems] == [
        ("ROSTER_API_KEY", "did you mean ROSTER_API_KEYS?"),
        ("ROSTER_STROE", "did you mean ROSTER_STORE?"),
    ]
    others = {"ROSTER_PORT": "tcp://10.0.0.1:80", "ROSTER_SERVICE_HOST": "10.0.0.1", "ROSTER_PORT_80_TCP_ADDR": "x", "ROSTER_HOST": "x"}
    assert read_settings(environ=others) == Settings()


def test_every_setting_is_described() -> None:
    """The settings page has a sentence for each."""
    assert all(len(field.description or "") > 40 for field in Settings.model_fields.values())


# --- what a person reads ----------------------------------------------------------------------------------------------------------


@given(st.floats(min_value=0, max_value=1e7))
def test_any_duration_can_be_said(seconds: float) -> None:
    """A time is said with at most two units, whatever it is."""
    assert 2 <= len(duration(seconds).split()) <= 4


def test_progress_tells_rate_and_time_left_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard error is no terminal: a line every few seconds, with count, rate, share and time left, and none in between."""
    now = iter([0.0, 1.0, 6.0, 7.0])
    line = ProgressLine("records", clock=lambda: next(now))
    line.show(100, 1.0, 0.1)
    line.show(1500, 6.0, 0.25)
    line.show(1600, 7.0, 0.3)
    assert capsys.readouterr().err == "1,500 records, 250/s, 25%, 18 s left\n"


def test_a_summary_says_where_the_rejects_are() -> None:
    """With rejects, the summary counts them, says how to see them, and gives the commonest reasons."""
    why = [{"field": "/name", "reason": "missing", "count": 2}]
    lines = summary_lines(IngestSummary(read=10, new=8, rejected_records=2, seconds=2.0, reasons=why), dry_run=False, rejects=None)
    assert lines[0] == "10 records read in 2.0 s, 5/s"
    assert "2 records" in lines[-2]
    assert "--rejects FILE" in lines[-2]
    assert lines[-1] == "    2 x /name: missing"


@given(st.text())
def test_no_value_of_a_feed_steers_a_terminal(text: str) -> None:
    """What is printed for a person holds no control character but line ends, and no change of writing direction; letters stay."""
    shown = printable(text)
    assert not [sign for sign in shown if unicodedata.category(sign) == "Cc" and sign != "\n"]
    assert [sign for sign in shown if sign.isalnum()] == [sign for sign in text if sign.isalnum()]
    assert printable("Eve\x1b[31m \u202eson\x07") == "Eve[31m son"


def test_columns_line_up() -> None:
    """A table's columns start below their heads."""
    assert table([("a", 1), ("bcd", 22)], ("id", "n")) == "id   n\na    1\nbcd  22"
