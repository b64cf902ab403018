"""Skills: one name for one skill, symbols kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.normalise.result import Normalised, Refused
from profiles.normalise.skill import core_skill, normalise_skill, skill_key, skill_tokens, use_taxonomy
from profiles.normalise.tables import read_table


def taken(text: str) -> Normalised:
    found = normalise_skill(text)
    assert isinstance(found, Normalised), found
    return found


@pytest.mark.parametrize(
    ("text", "value", "key"),
    [("c++", "C++", "c++"), ("C#", "C#", "c#"), (".net", ".NET", ".net"), ("node.JS", "Node.js", "node.js"),
     ("NodeJS", "Node.js", "node.js"),
     ("k8s", "Kubernetes", "kubernetes"), ("js", "JavaScript", "javascript"), ("Golang", "Go", "go"),
     ("Postgres", "PostgreSQL", "postgresql"),
     ("ML", "Machine Learning", "machine learning"), ("Python (computer programming)", "Python", "python"),
     ("Excel", "Microsoft Excel", "microsoft excel"), ("MS Excel", "Microsoft Excel", "microsoft excel"), ("SAP software", "SAP", "sap"),
     ("Structured query language SQL", "SQL", "sql"), ("Extensible markup language XML", "XML", "xml"), ("Oracle Java", "Java", "java"),
     ("hypertext markup language html", "HTML", "html"), ("structured query language sql", "SQL", "sql"),
     ("Amazon Elastic Compute Cloud EC2", "Amazon EC2", "amazon ec2"), ("Kubernetes (K8s)", "Kubernetes", "kubernetes"), ("C", "C", "c"),
     ("ci/cd", "CI/CD", "ci cd"), ("日本語", "Japanese", "japanese")],
)  # fmt: skip
def test_skill_has_one_name(text: str, value: str, key: str) -> None:
    """Every spelling leads to the canonical name."""
    found = taken(text)
    assert (found.value, found.keys[0], found.parts["known"]) == (value, key, True)


@pytest.mark.parametrize(
    "text",
    ["Epicor Vista ERP", "machine learning engineer", "java web app", "IBM Notes", "advise on credit rating", "underwater basket weaving"],
)
def test_unlisted_skill_keeps_its_words(text: str) -> None:
    """What nobody lists is kept as said, and marked."""
    found = taken(text)
    assert found.value.lower() == text.lower()
    assert found.keys == (text.lower(),)
    assert found.parts["known"] is False


def test_symbols_survive_in_tokens() -> None:
    """A search for C++ does not find C, nor C#."""
    assert skill_tokens("C++") == ("c++",)
    assert skill_tokens("c") == ("c",)
    assert skill_tokens("node js") == ("node.js",)


@pytest.mark.parametrize("text", ["", " ", "n/a", "-", "!!!", "other", "x" * 121])
def test_what_is_no_skill_is_refused_with_a_reason(text: str) -> None:
    """Placeholders and texts without words make no skill."""
    found = normalise_skill(text)
    assert isinstance(found, Refused)
    assert found.reason
    assert skill_tokens(text) == ()


def test_core_table_says_each_thing_once() -> None:
    """Every shipped name and alias leads to exactly one skill, and the core has at least 400."""
    rows = read_table("skills.tsv")
    owner: dict[str, str] = {}
    for name, others in rows:
        for text in (name, *others):
            assert owner.setdefault(skill_key(text), name) == name, text
            assert core_skill(text) == name
    assert len(rows) >= 400


@pytest.fixture
def taxonomy(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "skills.tsv").write_text(
        "project commissioning\tproject management|commission projects\nhaskell\thaskell techniques\n", encoding="utf-8"
    )
    yield tmp_path
    use_taxonomy(None)


def test_core_wins_over_a_loaded_taxonomy(taxonomy: Path) -> None:
    """A publisher's misleading alias never renames a skill of the core; the rest is added and can be taken off."""
    assert use_taxonomy(taxonomy) == {"skills": 2}
    assert taken("project management").value == "Project Management"
    assert taken("commission projects").value == "Project commissioning"
    assert taken("haskell techniques").value == "Haskell"
    use_taxonomy(None)
    assert taken("commission projects").parts["known"] is False


@given(st.text(max_size=160))
def test_any_text_gives_an_answer(text: str) -> None:
    """No string makes the normaliser raise; the canonical form is its own canonical form."""
    found = normalise_skill(text)
    if isinstance(found, Normalised):
        assert all(found.keys)
        again = normalise_skill(found.value)
        assert isinstance(again, Refused) or len(again.keys) == 1
