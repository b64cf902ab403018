"""The golden queries: what both engines answer is what the files say, and the figures of stats.txt are theirs."""

from __future__ import annotations

import asyncio
import re
import uuid
from pathlib import Path

import pytest

from engines.opening import open_reader
from mappings.reading import Ranking, load_ranking
from tests.golden.golden import ask_all, files, first_ids, queries
from tests.golden.people import FOLDER, everyone
from tests.opensearch.asking import ask
from tests.search_api.people import fill

ASKED = queries()
RANKING = Path("mappings/ranking.toml")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, opensearch: str) -> dict[str, str]:
    """Every file as the engines would have it now."""
    prefix = f"golden_{uuid.uuid4().hex[:12]}"
    try:
        answers = {
            "embedded": asyncio.run(ask_all(f"embedded:{tmp_path_factory.mktemp('golden') / 'store'}", ASKED)),
            "opensearch": asyncio.run(ask_all(f"opensearch+{opensearch}/{prefix}", ASKED)),
        }
    finally:
        ask(f"{opensearch}/{prefix}-*", "DELETE")
    return files(ASKED, answers)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with everyone."""
    url = f"embedded:{tmp_path_factory.mktemp('golden') / 'store'}"
    asyncio.run(fill(url, everyone()))
    return url


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
    ids = [person.id for person in everyone()]
    assert len(set(ids)) == len(ids)
    assert not {id for query in ASKED for id in query.right} - set(ids)


def test_there_are_enough_of_them() -> None:
    """At least 150 queries, so that one answer more or less is no accident."""
    assert len(ASKED) >= 150
    assert len({str(dict(query.ask)) for query in ASKED}) == len(ASKED)


def weights() -> list[tuple[str, str, list[str]]]:
    """Field, kind and the named queries of every weight in ranking.toml, by its comment (which may go on in the next line)."""
    found: list[tuple[str, str, list[str]]] = []
    field = ""
    for line in RANKING.read_text("utf-8").splitlines():
        if table := re.match(r"\[(\w+)\]", line):
            field = table[1]
        elif weight := re.match(r"(\w+) *= *[\d.]+", line):
            found.append((field, weight[1], []))
        if found and field:
            found[-1][2].extend(re.findall(r"\b(?:names|work|one_box)/\w+", line))
    return found


def test_every_weight_is_looked_at() -> None:
    """No weight of ranking.toml escapes the test below."""
    assert {(field, kind) for field, kind, _ in weights()} == {
        (field, kind) for field, kinds in load_ranking().weights.items() for kind in kinds
    }


@pytest.mark.parametrize(("field", "kind", "named"), weights())
async def test_every_weight_names_a_query_it_moves(filled: str, field: str, kind: str, named: list[str]) -> None:
    """Whoever wonders about a weight finds beside it queries that come out otherwise when it is next to nothing, or far too big."""
    asked = {f"{query.group}/{query.name}": query for query in ASKED}
    assert named, "names no query"
    assert set(named) <= set(asked)
    reader = await open_reader(filled)
    try:
        for name in named:
            usual = await first_ids(reader, asked[name], load_ranking())
            others = []
            for factor in (0.001, 50.0):
                changed = {table: dict(kinds) for table, kinds in load_ranking().weights.items()}
                changed[field][kind] *= factor
                others.append(await first_ids(reader, asked[name], Ranking(changed)))
            assert any(other != usual for other in others), f"{name} comes out the same whatever [{field}] {kind} is"
    finally:
        await reader.close()
