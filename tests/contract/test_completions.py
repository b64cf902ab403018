"""What is offered while somebody types."""

from __future__ import annotations

import pytest

from engines.base import Writer
from engines.suggesting import SUGGEST_FIELDS, beginnings, shown
from profiles.models import ValueKind
from tests.contract.conftest import index
from tests.contract.people import person

NAME, TITLE, COMPANY, SKILL, LOCATION = ValueKind.NAME, ValueKind.JOB_TITLE, ValueKind.COMPANY, ValueKind.SKILL, ValueKind.LOCATION


@pytest.mark.parametrize(
    ("kind", "typed", "offered"),
    [
        (TITLE, "soft", [("Software Engineer", 2)]),
        (TITLE, "ENGIN", [("Software Engineer", 2), ("Engineer", 1)]),
        (TITLE, "of", []),
        (COMPANY, "altenrich g", [("Altenrich Group", 1)]),
        (COMPANY, "sao", [("São & Söhne", 1)]),
        (COMPANY, "São & s", [("São & Söhne", 1)]),
        (SKILL, "c", [("C#", 1), ("C++", 1), ("Cobol", 1)]),
        (SKILL, "C+", [("C++", 1)]),
        (SKILL, "node", [("Node.js", 1)]),
        (NAME, "mul", [("Otto Müller", 1)]),
        (NAME, "muell", [("Otto Müller", 1)]),
        (NAME, "otto m", [("Otto Müller", 1)]),
        (NAME, "müller o", [("Otto Müller", 1)]),
        (LOCATION, "mun", [("Munich", 2)]),
        (LOCATION, "?!", []),
    ],
)
async def test_completions(writer: Writer, kind: ValueKind, typed: str, offered: list[tuple[str, int]]) -> None:
    """Values by any word they start with, whatever the case and accents; the most frequent first, each once."""
    await index(
        writer,
        person("anna", "Anna Berg", title="Software Engineer", company="Altenrich Group", skills=["C++", "Node.js"], city="Munich"),
        person("bob", "Bob Casey", title="Software Engineer", company="São & Söhne", skills=["C#"], city="Munich"),
        person("otto", "Otto Müller", title="Engineer", skills=["Cobol"], city="Berlin"),
        person("head", "Ada Head", title="Head of Sales"),
    )
    found: list[tuple[str, int]] = []
    for beginning in beginnings(kind, typed):
        found = found or list(shown(await writer.search.suggest(SUGGEST_FIELDS[kind], beginning, 30), 10))
    assert found == offered
