"""The golden queries: what both engines answer is what the files say, and the figures of stats.txt are theirs."""

from __future__ import annotations

import asyncio
import re
import tomllib
import uuid
from pathlib import Path

import pytest

from tests.golden.golden import ask_all, files, queries
from tests.golden.people import FOLDER, cases, crowd
from tests.opensearch.asking import ask

ASKED = queries()
RANKING = Path("mappings/ranking.toml")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, opensearch: str) -> dict[str, str]:
    """Every file as the engines would have it now."""
    folder, prefix = tmp_path_factory.mktemp("golden"), f"golden_{uuid.uuid4().hex[:12]}"
    try:
        answers = {
            "embedded": asyncio.run(ask_all(f"embedded:{folder / 'store'}", ASKED)),
            "opensearch": asyncio.run(ask_all(f"opensearch+{opensearch}/{prefix}", ASKED)),
        }
    finally:
        ask(f"{opensearch}/{prefix}-*", "DELETE")
    return files(ASKED, answers)


@pytest.mark.parametrize("path", [f"answers/{query.group}/{query.name}.txt" for query in ASKED])
def test_answers_are_as_written_down(made: dict[str, str], path: str) -> None:
    """Whoever changes the ranking sees every answer that moved: run `make golden` and look at the diff."""
    assert made[path] == (FOLDER / path).read_text("utf-8")


def test_the_figures_are_those_of_the_answers(made: dict[str, str]) -> None:
    """Recall and MRR in stats.txt are what both engines reach now."""
    assert made["stats.txt"] == (FOLDER / "stats.txt").read_text("utf-8")


def test_no_file_is_left_over() -> None:
    """Every answer on disk belongs to a query."""
    kept = {str(path.relative_to(FOLDER)) for path in (FOLDER / "answers").rglob("*.txt")}
    assert kept == {f"answers/{query.group}/{query.name}.txt" for query in ASKED}


def test_right_answers_exist() -> None:
    """Every id that a query calls right is somebody's, and nobody's id is given twice."""
    ids = [person.id for person in (*cases(), *crowd())]
    assert len(set(ids)) == len(ids)
    assert not {id for query in ASKED for id in query.right} - set(ids)


def test_there_are_enough_of_them() -> None:
    """At least 150 queries, so that one answer more or less is no accident."""
    assert len(ASKED) >= 150
    assert len({str(dict(query.ask)) for query in ASKED}) == len(ASKED)


def test_every_weight_names_the_query_it_serves() -> None:
    """Whoever wonders about a weight of ranking.toml finds beside it a query that shows what it is for."""
    names = {f"{query.group}/{query.name}" for query in ASKED}
    weights = [line for line in RANKING.read_text("utf-8").splitlines() if re.match(r"\w+ *= *[\d.]+", line)]
    assert len(weights) == sum(len(kinds) for kinds in tomllib.loads(RANKING.read_text("utf-8")).values())
    for line in weights:
        told = re.findall(r"\b(?:names|work|one_box)/\w+", line)
        assert told, f"names no query: {line}"
        assert set(told) <= names, f"names no query there is: {line}"
