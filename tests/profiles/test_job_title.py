"""Job titles: one title for one position, its level and its function."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.normalise.job_title import (
    FUNCTIONS,
    SENIORITIES,
    job_title_tokens,
    normalise_job_title,
    split_headline,
    split_job_titles,
    use_taxonomy,
)
from profiles.normalise.result import Normalised, Refused
from profiles.normalise.tables import read_table


def taken(text: str) -> Normalised:
    found = normalise_job_title(text)
    assert isinstance(found, Normalised), found
    return found


@pytest.mark.parametrize(
    ("text", "value", "seniority", "function"),
    [
        ("VP Eng", "Vice President of Engineering", "vice_president", "engineering"),
        ("V.P. of Engineering", "Vice President of Engineering", "vice_president", "engineering"),
        ("“Vice President, Engineering”", "Vice President of Engineering", "vice_president", "engineering"),
        ("Sr. SW Eng.", "Senior Software Engineer", "senior", "engineering"),
        ("SWE", "Software Engineer", "mid", "engineering"),
        ("SRE", "Site Reliability Engineer", "mid", "engineering"),
        ("Dir. Eng", "Director of Engineering", "director", "engineering"),
        ("Director - Sales", "Director of Sales", "director", "sales"),
        ("Eng Mgr", "Engineering Manager", "manager", "engineering"),
        ("SVP Ops", "Senior Vice President of Operations", "vice_president", "operations"),
        ("CEO", "Chief Executive Officer", "c_level", "general_management"),
        ("C.F.O.", "Chief Financial Officer", "c_level", "finance"),
        ("CISO", "Chief Information Security Officer", "c_level", "it"),
        ("Biz Dev Mgr", "Business Development Manager", "manager", "sales"),
        ("Jr. Acct Exec", "Junior Account Executive", "entry", "sales"),
        ("MD", "Managing Director", "c_level", "general_management"),
        ("R&D Manager", "Research and Development Manager", "manager", "research"),
        ("Intern", "Intern", "intern", ""),
        ("Managing Partner", "Managing Partner", "partner", "general_management"),
        ("Co-Founder", "Co-Founder", "owner", "general_management"),
        ("Engineer, Senior", "Senior Engineer", "senior", "engineering"),
        ("Geschäftsführerin", "Managing Director", "c_level", "general_management"),
        ("Leiter Vertrieb", "Head of Sales", "head", "sales"),
        ("Directeur Général", "Managing Director", "c_level", "general_management"),
        ("Directrice des ressources humaines", "Director of HR", "director", "hr"),
        ("Director de Ventas", "Director of Sales", "director", "sales"),
        ("Gerente de Recursos Humanos", "HR Manager", "manager", "hr"),
        ("Amministratore Delegato", "Chief Executive Officer", "c_level", "general_management"),
        ("Direttore Commerciale", "Director of Sales", "director", "sales"),
        ("Kierownik działu zakupów", "Head of Purchasing", "head", "operations"),
        ("Hoofd Verkoop", "Head of Sales", "head", "sales"),
        ("Diretor de Finanças", "Director of Finance", "director", "finance"),
        ("senior sql developer", "Senior SQL Developer", "senior", "engineering"),
        ("C++ Developer (m/w/d)", "C++ Developer", "mid", "engineering"),
        ("CEO (Chief Executive Officer)", "Chief Executive Officer", "c_level", "general_management"),
        ("Executive Assistant to the CEO", "Executive Assistant to the Chief Executive Officer", "entry", "administration"),
        ("HR Business Partner", "HR Business Partner", "mid", "hr"),
        ("Junior High School Principal", "Junior High School Principal", "manager", "education"),
        ("Head Chef", "Head Chef", "lead", "operations"),
        ("Project Manager", "Project Manager", "manager", "operations"),
    ],
)
def test_title_is_understood(text: str, value: str, seniority: str, function: str) -> None:
    """Abbreviated, inverted and local titles become the title a reader knows, with level and function."""
    found = taken(text)
    assert (found.value, found.parts["seniority"], found.parts["function"]) == (value, seniority, function)


def test_order_of_words_is_a_looser_key() -> None:
    """Also "IT Director" and "Director of IT" stay two titles that are found as one."""
    one, other = taken("IT Director"), taken("Director of IT")
    assert one.keys[0] != other.keys[0]
    assert set(one.keys) & set(other.keys)


@pytest.mark.parametrize(
    ("text", "level", "base"),
    [("Senior Software Engineer", "Senior", "Software Engineer"), ("VP Sales", "Vice President", "Sales"), ("Head of IT", "Head", "IT"),
     ("IT Director", "Director", "IT"), ("Engineer II", "II", "Engineer"), ("Staff Training Manager", "", "Staff Training Manager")],
)  # fmt: skip
def test_level_word_stands_apart(text: str, level: str, base: str) -> None:
    """One can compare what people do without how high they are."""
    parts = taken(text).parts
    assert (parts["level_word"], parts["base"]) == (level, base)


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("CEO & Founder", ["CEO", "Founder"]),
        ("CEO/Founder", ["CEO", "Founder"]),
        ("President, Chairman and CEO", ["President", "Chairman", "CEO"]),
        ("Director of IT - Partner", ["Director of IT", "Partner"]),
        ("Clinical Data Manager, Founder", ["Clinical Data Manager", "Founder"]),
        ("Research & Development Manager", ["Research & Development Manager"]),
        ("Sales and Marketing Director", ["Sales and Marketing Director"]),
        ("Vice President, Engineering", ["Vice President, Engineering"]),
        ("Engineer, Senior", ["Engineer, Senior"]),
        ("Writer/Editor", ["Writer/Editor"]),
        ("Head of Operations at Capucci Alimentari | monitor vehicle repairs", ["Head of Operations"]),
        ("", []),
    ],
)
def test_several_titles_in_one_field(text: str, titles: list[str]) -> None:
    """Two positions are two titles; one position with "and" in its name is one."""
    assert split_job_titles(text) == titles


def test_headline_names_title_and_company() -> None:
    """Only "at" and "@" name a company for sure."""
    assert split_headline("Head of Operations at Capucci Alimentari | monitor vehicle repairs") == (
        "Head of Operations",
        "Capucci Alimentari",
    )
    assert split_headline("Head of Product @Acme") == ("Head of Product", "Acme")
    assert split_headline("Senior Construction Project Manager | Junoradex") == ("Senior Construction Project Manager", None)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("vp eng", "Vice President of Engineering"),
        ("sw engineer", "Software Engineer"),
        ("sr dev", "Senior Developer"),
        ("hr", "Human Resources Manager"),
    ],
)
def test_abbreviated_query_finds_full_title(query: str, title: str) -> None:
    """Every word of the query is among the words indexed."""
    assert set(job_title_tokens(query)) <= set(job_title_tokens(title))
    assert not {"of", "the", "and", "for"} & set(job_title_tokens(title))


@pytest.mark.parametrize("text", ["", "-", "n/a", "none", "Retired", "123", "x" * 201])
def test_what_is_no_title_is_refused_with_a_reason(text: str) -> None:
    """Placeholders make no title."""
    found = normalise_job_title(text)
    assert isinstance(found, Refused)
    assert found.reason


def test_levels_and_functions_are_the_published_ones() -> None:
    """The table of functions and the list of allowed words agree, and levels do not repeat."""
    assert {name for name, _ in read_table("title_functions.tsv")} == set(FUNCTIONS)
    assert len(set(SENIORITIES)) == len(SENIORITIES)


@pytest.fixture
def taxonomy(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "job_titles.tsv").write_text("Radiation Therapy Technologist\trtt\n", encoding="utf-8")
    (tmp_path / "occupations.tsv").write_text(
        "technical director\thead of technical|technical manager\ntechnical manager\t\n", encoding="utf-8"
    )
    yield tmp_path
    use_taxonomy(None)


def test_loaded_taxonomy_adds_and_can_be_taken_off(taxonomy: Path) -> None:
    """Short forms are written in full; occupations are a looser key and never rename a title; a label shadows an alias."""
    assert use_taxonomy(taxonomy) == {"job_titles": 1, "occupations": 2}
    assert taken("RTT").value == "Radiation Therapy Technologist"
    head = taken("Head of Technical")
    assert (head.value, head.parts["occupation"]) == ("Head of Technical", "technical director")
    assert "technical director" in head.keys
    assert taken("Technical Manager").parts["occupation"] == "technical manager"
    use_taxonomy(None)
    assert taken("RTT").value == "RTT"


@given(st.text(max_size=300))
def test_any_text_gives_an_answer(text: str) -> None:
    """No string makes any of the functions raise; what is taken has allowed words only."""
    split_headline(text)
    job_title_tokens(text)
    for title in split_job_titles(text):
        found = normalise_job_title(title)
        if isinstance(found, Normalised):
            assert all(found.keys)
            assert found.parts["seniority"] in SENIORITIES
            assert found.parts["function"] in (*FUNCTIONS, "")


WORDS = [
    "Senior",
    "VP",
    "Director",
    "of",
    "Sales",
    "&",
    "Eng",
    "Dev",
    "Manager",
    ",",
    "-",
    "and",
    "Leiter",
    "de",
    "(CEO)",
    "II",
    "Tech",
    "Founder",
    "/",
]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join))
def test_canonical_title_stays_canonical(text: str) -> None:
    """Normalising a canonical title again keeps level and function allowed and never fails."""
    found = normalise_job_title(text)
    if isinstance(found, Normalised):
        assert isinstance(normalise_job_title(found.value), Normalised)
