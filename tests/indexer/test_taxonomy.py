"""Importing ESCO and O*NET files as their publishers ship them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.taxonomy import read_taxonomy, write_taxonomy
from profiles.errors import InputInvalid
from profiles.normalise import job_title, skill
from profiles.normalise.result import Normalised

ESCO_SKILLS = (
    "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,"
    "status,modifiedDate,scopeNote,definition,inScheme,description\n"
    'KnowledgeSkillCompetence,uri:1,skill/competence,,project commissioning,"project management\ncommission a project",,released,,,,,\n'
    'KnowledgeSkillCompetence,uri:2,knowledge,cross-sector,haskell,"haskell techniques\nshared word",,released,,,,,\n'
    'KnowledgeSkillCompetence,uri:3,knowledge,cross-sector,Haskell,"functional Haskell",,released,,,,,\n'
    'KnowledgeSkillCompetence,uri:4,knowledge,cross-sector,falconry,"shared word\nhaskell\nhawking",,released,,,,,\n'
    "SkillGroup,uri:5,,,group of skills,,,released,,,,,\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    skill.use_taxonomy(None)
    job_title.use_taxonomy(None)


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_esco_skills_as_published(folder: Path) -> None:
    """Labels that differ by case merge, ambiguous and misleading aliases are left out, and the report says how many."""
    taxonomy = read_taxonomy(put(folder, "skills_en.csv", ESCO_SKILLS))
    assert taxonomy.rows == (
        ("Haskell", ("functional haskell", "haskell techniques")),
        ("falconry", ("hawking",)),
        ("project commissioning", ("commission a project",)),
    )
    assert taxonomy.counts() == {
        "kind": "skill",
        "publisher": "ESCO",
        "read": 5,
        "canonical": 3,
        "aliases": 4,
        "ambiguous": 1,
        "skipped": {
            "alias is another entry's own label": 1,
            "alias means something in the shipped core": 1,
            "another type of concept": 1,
        },
    }


def test_what_was_imported_is_understood(folder: Path) -> None:
    """After the import, the normaliser knows the publisher's words, and still its own."""
    write_taxonomy(read_taxonomy(put(folder, "skills_en.csv", ESCO_SKILLS)), folder / "taxonomy")
    skill.use_taxonomy(folder / "taxonomy")
    found = skill.normalise_skill("hawking")
    assert isinstance(found, Normalised)
    assert (found.value, found.parts["known"]) == ("falconry", True)
    ours = skill.normalise_skill("project management")
    assert isinstance(ours, Normalised)
    assert ours.value == "Project Management"


def test_onet_titles_with_crlf(folder: Path) -> None:
    """O*NET's tab-separated files with CRLF: short forms become aliases of the long ones."""
    text = (
        "O*NET-SOC Code\tAlternate Title\tShort Title\tSource(s)\r\n"
        "11-1011.00\tAeronautics Commission Director\tn/a\t08\r\n"
        "29-1124.00\tRadiation Therapy Technologist (RTT)\tRTT\t09\r\n"
        "29-9999.00\tCertified Physician (CP)\tCP\t09\r\n"
    )
    taxonomy = read_taxonomy(put(folder, "Alternate Titles.txt", text))
    assert taxonomy.rows == (("Radiation Therapy Technologist", ("rtt",)),)
    assert (taxonomy.kind, taxonomy.read, taxonomy.skipped) == (
        "job_title",
        3,
        {"no short form": 1, "alias too short to mean one thing": 1},
    )
    reported = "O*NET-SOC Code\tReported Job Title\tShown in My Next Move\r\n"
    reported += "29-1124.00\tAMT (Aviation Maintenance Technician)\tN\r\n1\tPresident\tY\r\n"
    assert read_taxonomy(put(folder, "Sample of Reported Titles.txt", reported)).rows == (("Aviation Maintenance Technician", ("amt",)),)


def test_onet_technology_and_esco_occupations(folder: Path) -> None:
    """Software names are skills, under the core's name where it has one; occupations keep their alternative labels."""
    technology = (
        "O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand\r\n"
        "1\tAtlassian JIRA\t43\tContent workflow software\tY\tN\r\n2\tFalconPro 3000\t43\tx\tN\tN\r\n"
    )
    assert read_taxonomy(put(folder, "Technology Skills.txt", technology)).rows == (("FalconPro 3000", ()), ("Jira", ()))
    occupations = (
        "concept_uri\tcode\tisco_group\tpreferred_label\talt_labels_pipe\nu\t1\t2\ttechnical director\thead of technical|technical chief\n"
    )
    taxonomy = read_taxonomy(put(folder, "occupations.tsv", occupations))
    assert (taxonomy.kind, taxonomy.rows) == ("occupation", (("technical director", ("head of technical", "technical chief")),))


def test_imports_add_up_and_repeat_harmlessly(folder: Path) -> None:
    """Several files fill one table; importing one again changes nothing."""
    first = read_taxonomy(put(folder, "skills_en.csv", ESCO_SKILLS))
    second = read_taxonomy(put(folder, "tech.tsv", "example\tunspsc\tcategory\nFalconPro 3000\t43\tx\n"))
    write_taxonomy(first, folder / "t")
    path = write_taxonomy(second, folder / "t")
    once = path.read_bytes()
    write_taxonomy(first, folder / "t")
    assert path.read_bytes() == once
    assert b"FalconPro 3000" in once
    assert b"falconry\thawking" in once


@pytest.mark.parametrize("text", ["code,label\n1,x\n", "", "\x00"])
def test_unknown_file_is_refused_with_what_is_allowed(folder: Path, text: str) -> None:
    """The error names the header found and the files that can be read."""
    with pytest.raises(InputInvalid) as refused:
        read_taxonomy(put(folder, "other.csv", text))
    assert "other.csv" in str(refused.value)
    assert "O*NET Alternate Titles" in refused.value.problems[0].allowed
    if "code" in text:
        assert "code, label" in str(refused.value)


def test_file_that_is_no_text_is_refused(folder: Path) -> None:
    """A spreadsheet or a missing file is refused with a reason."""
    (folder / "x.csv").write_bytes(b"PK\x03\x04\xff\xfe")
    for name in ("x.csv", "missing.csv"):
        with pytest.raises(InputInvalid):
            read_taxonomy(folder / name)
