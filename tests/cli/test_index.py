"""`roster index` on both engines, by one url."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Ran, Roster
from tests.opensearch.asking import ask


class On:
    """`roster` on a store of one engine."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._run = url, Roster(folder)

    def __call__(self, *arguments: str) -> Ran:
        """Run it and let no failure pass."""
        ran = self.may_fail(*arguments)
        assert ran.code == 0, ran.err
        return ran

    def may_fail(self, *arguments: str) -> Ran:
        """Run it."""
        return self._run(*arguments, ROSTER_STORE=self.url, ROSTER_SUPPRESSION_KEY="0f" * 32, ROSTER_TAXONOMY="taxonomy")


@pytest.fixture
def embedded(tmp_path: Path) -> On:
    return On(f"embedded:{tmp_path / 'store'}", tmp_path)


@pytest.fixture
def clustered(opensearch: str, tmp_path: Path) -> Iterator[On]:
    """On a prefix of its own."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    yield On(f"opensearch+{opensearch}/{prefix}", tmp_path)
    ask(f"{opensearch}/{prefix}-*", "DELETE")


@pytest.fixture(params=["embedded", "clustered"])
def roster(request: pytest.FixtureRequest) -> On:
    """On each engine."""
    on: On = request.getfixturevalue(request.param)
    return on


def test_create_status_and_versions(roster: On) -> None:
    """`create` makes the store and may run again; `status` and `versions` say which version is in use and that it is complete."""
    missing = roster.may_fail("index", "status")
    assert (missing.code, missing.err.startswith("Error: there is no ")) == (1, True)
    for _ in range(2):
        assert "is there, with 1 version of its search index" in roster("index", "create").out
    status = roster("index", "status", "--json").json
    assert status["store"] == roster.url
    assert (status["ready"], status["backlog"], status["kept"], status["unfinished"]) == (True, 0, 0, 0)
    (version,) = roster("index", "versions", "--json").json["versions"]
    assert version == status["in_use"]
    assert {**version, "name": "", "size": 0} == {"name": "", "in_use": True, "complete": True, "known": True, "entries": 0, "size": 0}
    assert version["name"] in roster("index", "status").out
    assert "in use" in roster("index", "versions").out.splitlines()[1]


def test_a_rebuild_can_be_taken_back_in_a_cluster(clustered: On) -> None:
    """The version before stays until pruned; `rollback` swaps it back, `prune` removes it, neither does anything without --yes."""
    clustered("index", "create")
    clustered("reindex")
    before, now = clustered("index", "versions", "--json").json["versions"]
    assert (before["in_use"], now["in_use"]) == (False, True)
    for command, names in ((("rollback",), (now, before)), (("prune", "--keep", "0"), (before,))):
        shown = clustered("index", *command).out
        assert all(version["name"] in shown for version in names)
        assert "Nothing was changed." in shown
    assert clustered("index", "versions", "--json").json["versions"] == [before, now]
    assert clustered("index", "rollback", "--yes", "--json").json == {"applied": True, "from": now["name"], "to": before["name"]}
    assert "There is nothing to remove." in clustered("index", "prune", "--yes").out
    assert clustered("index", "prune", "--keep", "0", "--yes", "--json").json == {"applied": True, "versions": [now["name"]]}
    assert [version["name"] for version in clustered("index", "versions", "--json").json["versions"]] == [before["name"]]
    nothing_left = clustered.may_fail("index", "rollback")
    assert (nothing_left.code, "keeps no earlier version" in nothing_left.err) == (1, True)


def test_an_embedded_store_keeps_one_version(embedded: On) -> None:
    """There is nothing to prune, and going back is refused with what to do instead."""
    embedded("index", "create")
    embedded("reindex")
    assert len(embedded("index", "versions", "--json").json["versions"]) == 1
    assert embedded("index", "prune", "--json").json == {"applied": False, "versions": []}
    refused = embedded.may_fail("index", "rollback", "--yes")
    assert (refused.code, "`roster reindex` builds it anew" in refused.err) == (1, True)


def test_the_mapping_is_what_a_cluster_is_asked_for(clustered: On, opensearch: str) -> None:
    """`index mapping` needs no store, and an index of a store has exactly these fields."""
    body = clustered("index", "mapping").json
    assert body["mappings"]["dynamic"] == "strict"
    clustered("index", "create")
    name = clustered("index", "status", "--json").json["in_use"]["name"]
    mapping = ask(f"{opensearch}/{name}/_mapping")[name]["mappings"]
    assert set(mapping["properties"]) == set(body["mappings"]["properties"])
    assert body["mappings"]["_meta"]["fingerprint"] == mapping["_meta"]["fingerprint"] == name.split("-")[3]
    assert json.dumps(body)  # a file for another tool


def test_a_rebuild_is_taken_back_by_its_own_command_too(clustered: On) -> None:
    """`reindex --rollback` is `index rollback`: it says what it would do, and does it with --yes."""
    clustered("index", "create")
    clustered("reindex", "--max-rate", "1000")
    before, now = clustered("index", "versions", "--json").json["versions"]
    shown = clustered("reindex", "--rollback").out
    assert before["name"] in shown
    assert shown.endswith("Nothing was changed. To use it: roster reindex --rollback --yes\n")
    assert clustered("reindex", "--rollback", "--yes", "--json").json == {"applied": True, "from": now["name"], "to": before["name"]}
    assert clustered("index", "status", "--json").json["in_use"]["name"] == before["name"]


def test_reindex_says_what_does_not_go_together(roster: On) -> None:
    """Options that would do nothing are refused, and so is a rate of nothing."""
    roster("index", "create")
    for options, said in (
        (("--yes",), "--yes goes with --rollback"),
        (("--rollback", "--max-rate", "5"), "--rollback builds nothing"),
        (("--max-rate", "0"), "it must be a whole number, 1 or more"),
    ):
        refused = roster.may_fail("reindex", *options)
        assert (refused.code, said in refused.err) == (2, True), refused.err


def test_reindex_shows_both_its_parts() -> None:
    """In a log, a line every few seconds says how far it is with the profiles, and then with the index."""
    from cli.reindex import Phases
    from indexer.rebuild import CHECKING, INDEXING

    lines: list[str] = []
    progress = Phases(lambda noun: _Line(noun, lines))
    for what in (CHECKING, INDEXING):
        for done in (1, 2):
            progress(what, done, 4)
    progress.end()
    assert lines == [f"{CHECKING} 1 25%", f"{CHECKING} 2 50%", "end", f"{INDEXING} 1 25%", f"{INDEXING} 2 50%", "end"]


class _Line:
    """A progress line that shows everything."""

    def __init__(self, noun: str, lines: list[str]) -> None:
        self._noun, self._lines = noun, lines

    def show(self, done: int, seconds: float, share: float | None) -> None:
        self._lines.append(f"{self._noun} {done} {share:.0%}")

    def end(self) -> None:
        if self._noun:
            self._lines.append("end")
