"""The golden queries: read, asked of an engine, told as files that a change of ranking shows up in, and scored.

queries/GROUP.toml has the queries, answers/GROUP/QUERY.txt what came of each, stats.txt the scores. `make golden` writes the answers anew.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engines.base import Reader
from engines.opening import open_reader
from mappings.reading import Ranking
from privacy.reading import ProfileReader
from search_api.answers import search_answer
from search_api.query import interpret
from search_api.requests import request_from_body
from tests.golden.people import FOLDER, everyone
from tests.search_api.people import TODAY, fill

SHOWN = 10  # hits of each answer that are kept


@dataclass(frozen=True)
class Query:
    """ask: the body of the request.    right: ids of everyone who is a right answer; () for a query that nobody may answer."""

    group: str
    name: str
    ask: Mapping[str, Any]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """hits: ids, best first, with who they are in words.    read_as: how the request was understood, a line a part."""

    total: int
    hits: tuple[tuple[str, str], ...]
    read_as: tuple[str, ...]


def queries() -> list[Query]:
    """All of them, by group."""
    found = []
    for path in sorted((FOLDER / "queries").glob("*.toml")):
        for name, entry in tomllib.loads(path.read_text("utf-8")).items():
            found.append(Query(path.stem, name, entry["ask"], tuple(entry["right"])))
    return found


async def ask_all(url: str, asked: Sequence[Query]) -> list[Answer]:
    """The answers of a store that has to be filled first."""
    await fill(url, everyone())
    reader = await open_reader(url)
    door = ProfileReader(reader, lambda: TODAY)
    try:
        return [_answer(await search_answer(door, request_from_body({**query.ask, "size": SHOWN}))) for query in asked]
    finally:
        await reader.close()


async def first_ids(reader: Reader, query: Query, ranking: Ranking) -> list[str]:
    """The hits of a query under other weights than the shipped ones."""
    meant = interpret(request_from_body({**query.ask, "size": SHOWN}), ranking)
    return [hit.id for hit in (await ProfileReader(reader, lambda: TODAY).search(meant.query)).hits]


def _answer(body: Mapping[str, Any]) -> Answer:
    hits = []
    for hit in body["hits"]:
        told = (hit["name"], hit["job_title"], hit["company"], hit["location"])
        hits.append((hit["id"], ", ".join(part for part in told if part)))
    read_as = [f"{word['field']}: {word['text']} = {', '.join(word['read_as'])}" for word in body["interpreted"]["words"]]
    return Answer(body["total"], tuple(hits), tuple(read_as))


def told(query: Query, answers: Mapping[str, Answer]) -> str:
    """The file of a query. answers: by engine; engines that agree are told together."""
    lines = [orjson.dumps(query.ask).decode(), *next(iter(answers.values())).read_as]
    by_answer: dict[str, list[str]] = {}
    for engine, answer in answers.items():
        shown = [f"{'*' if id in query.right else ' '} {n:2d} {id}: {words}" for n, (id, words) in enumerate(answer.hits, 1)]
        by_answer.setdefault("\n".join([f"found {answer.total}", *shown]), []).append(engine)
    for text, engines in by_answer.items():
        lines += ["", f"{', '.join(engines)} {text}"]
    return "\n".join(lines) + "\n"


def files(asked: Sequence[Query], answers: Mapping[str, Sequence[Answer]]) -> dict[str, str]:
    """Every file that the answers make: path below this folder -> text. answers: engine -> an answer for each query."""
    made = {
        f"answers/{query.group}/{query.name}.txt": told(query, {engine: given[n] for engine, given in answers.items()})
        for n, query in enumerate(asked)
    }
    made["stats.txt"] = "\n".join(_stats(asked, answers)) + "\n"
    return made


def _stats(asked: Sequence[Query], answers: Mapping[str, Sequence[Answer]]) -> list[str]:
    """recall@k: of the right answers, at most k, the share among the first k. MRR: mean of 1/rank of the first right one.

    A query that nobody may answer counts 1 when nobody does.
    """
    lines = [f"{'':12s} {'':10s} {'queries':>8s} {'recall@1':>9s} {'recall@10':>10s} {'MRR':>6s}"]
    for engine, given in answers.items():
        for group in (*sorted({query.group for query in asked}), "all"):
            chosen = [(q, a) for q, a in zip(asked, given, strict=True) if group in (q.group, "all")]
            scores = [_score(query, [id for id, _ in answer.hits]) for query, answer in chosen]
            means = [sum(column) / len(scores) for column in zip(*scores, strict=True)]
            lines.append(f"{engine:12s} {group:10s} {len(scores):8d} {means[0]:9.3f} {means[1]:10.3f} {means[2]:6.3f}")
    same = sum(len({answer.hits[:1] for answer in told_of}) == 1 for told_of in zip(*answers.values(), strict=True))
    lines.append(f"the same first answer on {' and '.join(answers)}: {same} of {len(asked)}")
    return lines


def _score(query: Query, found: Sequence[str]) -> tuple[float, float, float]:
    right = set(query.right)
    if not right:
        return (float(not found),) * 3
    ranks = [n for n, id in enumerate(found, 1) if id in right]
    return float(1 in ranks), len(ranks) / min(len(right), SHOWN), 1 / ranks[0] if ranks else 0.0
