"""Imports the taxonomies of ESCO and O*NET, in the files their publishers ship, as tables for the normalisers.

A file is recognised by its header. Labels become rows "canonical, aliases"; what would do harm is left out and counted: an alias that
names several things, one that is another entry's own label ("project management", listed under "project commissioning"), and whatever
the shipped core already says. profiles.normalise.skill.use_taxonomy and job_title.use_taxonomy load the result.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from profiles.errors import InputInvalid, Problem
from profiles.normalise.job_title import title_key
from profiles.normalise.skill import core_skill, skill_key
from profiles.normalise.tables import Row, read_table_file

Kind = Literal["skill", "job_title", "occupation"]
FILES: dict[Kind, str] = {"skill": "skills.tsv", "job_title": "job_titles.tsv", "occupation": "occupations.tsv"}
MIN_TITLE_ALIAS = 3  # letters; O*NET's "PA", "CO", "NP" each stand for several professions outside the file they come from

Entry = tuple[str, list[str]]
ReadRow = Callable[[Mapping[str, str], "Counter[str]"], Iterator[Entry]]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """What a file held.

    kind: which table it fills.    publisher: "ESCO" or "O*NET".    read: data rows in the file.
    rows: (canonical, keys of its aliases), sorted; keys, not spellings, so that 100,000 of them load in 0.2 s instead of 1.5 (measured).
    ambiguous: aliases dropped for naming several entries.    skipped: other labels left out, counted by reason.
    """

    kind: Kind
    publisher: str
    rows: tuple[Row, ...]
    read: int
    ambiguous: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, object]:
        """The report as JSON: kind, publisher, read, canonical, aliases, ambiguous, skipped {reason: number}."""
        return {
            "kind": self.kind,
            "publisher": self.publisher,
            "read": self.read,
            "canonical": len(self.rows),
            "aliases": sum(len(aliases) for _, aliases in self.rows),
            "ambiguous": self.ambiguous,
            "skipped": dict(sorted(self.skipped.items())),
        }


def _clean(label: str) -> str:
    """A label fit for a table: no tab, bar or leading "#"."""
    return " ".join(label.replace("|", "/").split()).lstrip("# ").strip()


def _esco(suffix: str, separator: str, concept: str) -> ReadRow:
    """Reads ESCO's own columns (suffix ""), or those of its tab-separated copies ("_pipe")."""
    label, alternatives = ("preferred_label", f"alt_labels{suffix}") if suffix else ("preferredLabel", "altLabels")

    def entries(row: Mapping[str, str], skipped: Counter[str]) -> Iterator[Entry]:
        if row.get("conceptType", concept) != concept:
            skipped["another type of concept"] += 1
        elif row.get("status", "") not in ("released", ""):
            skipped["not released"] += 1
        else:
            yield row[label], row[alternatives].split(separator)

    return entries


def _onet_alternate(row: Mapping[str, str], skipped: Counter[str]) -> Iterator[Entry]:
    short = row["Short Title"].strip()
    if short in ("", "n/a"):
        skipped["no short form"] += 1
    else:
        yield max(re.split(r"\s*[()]\s*", row["Alternate Title"]), key=len), [short]  # the bracket holds the short form, or the long one


def _onet_reported(row: Mapping[str, str], skipped: Counter[str]) -> Iterator[Entry]:
    title, _, bracket = row["Reported Job Title"].partition("(")
    title, inside = title.strip(), bracket.rstrip(") ").strip()
    if not inside or not title:
        skipped["no short form"] += 1
    else:
        yield max(title, inside, key=len), [min(title, inside, key=len)]


def _onet_technology(column: str) -> ReadRow:
    def entries(row: Mapping[str, str], skipped: Counter[str]) -> Iterator[Entry]:
        yield row[column], []

    return entries


# Columns that tell a file, what it is, and how a row is read. The first that fits is taken.
_SHAPES: tuple[tuple[frozenset[str], Kind, str, ReadRow], ...] = (
    (frozenset({"skillType", "preferredLabel", "altLabels"}), "skill", "ESCO", _esco("", "\n", "KnowledgeSkillCompetence")),
    (frozenset({"iscoGroup", "preferredLabel", "altLabels"}), "occupation", "ESCO", _esco("", "\n", "Occupation")),
    (frozenset({"skill_type", "preferred_label", "alt_labels_pipe"}), "skill", "ESCO", _esco("_pipe", "|", "")),
    (frozenset({"isco_group", "preferred_label", "alt_labels_pipe"}), "occupation", "ESCO", _esco("_pipe", "|", "")),
    (frozenset({"Alternate Title", "Short Title"}), "job_title", "O*NET", _onet_alternate),
    (frozenset({"Reported Job Title"}), "job_title", "O*NET", _onet_reported),
    (frozenset({"Example", "Commodity Title"}), "skill", "O*NET", _onet_technology("Example")),
    (frozenset({"example", "unspsc", "category"}), "skill", "O*NET", _onet_technology("example")),
)
_ALLOWED = (
    "ESCO skills or occupations as CSV (preferredLabel, altLabels and skillType or iscoGroup) or tab-separated "
    "(preferred_label, alt_labels_pipe and skill_type or isco_group); "
    "O*NET Alternate Titles, Sample of Reported Titles or Technology Skills, tab-separated"
)


def read_taxonomy(path: Path) -> Taxonomy:
    """Reads one file. Raises InputInvalid when it cannot be read or its header is none of those known."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            tabbed = "\t" in file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if tabbed else csv.DictReader(file)
            header = [(name or "").strip() for name in rows.fieldnames or ()]
            rows.fieldnames = header
            for columns, kind, publisher, entries in _SHAPES:
                if columns <= set(header):
                    return _taxonomy(kind, publisher, rows, entries)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise InputInvalid([Problem(path.name, f"cannot be read as text: {type(problem).__name__}", _ALLOWED)]) from problem
    found = ", ".join(header)[:200] or "nothing"
    raise InputInvalid([Problem(path.name, f"has a header no taxonomy file has: {found}", _ALLOWED)])


def _taxonomy(
    kind: Kind,
    publisher: str,
    rows: Iterable[Mapping[str, str | None]],
    entries: ReadRow,
) -> Taxonomy:
    read, skipped, found = 0, Counter[str](), list[Entry]()
    for row in rows:
        read += 1
        filled = {name: value or "" for name, value in row.items() if isinstance(name, str) and not isinstance(value, list)}
        found += entries(filled, skipped)
    table, ambiguous = build_rows(kind, found, skipped)
    return Taxonomy(kind, publisher, table, read, ambiguous, dict(skipped))


def _canonical(kind: Kind, label: str) -> str:
    """The shipped core's own name where it has one."""
    return (core_skill(label) or label) if kind == "skill" else label


def _core_says(kind: Kind, alias: str, key: str) -> bool:
    """Whether the core already gives an alias a meaning, which wins."""
    if kind == "skill":
        return bool(core_skill(alias))
    return kind == "job_title" and title_key(alias) != " ".join(skill_key(alias).split())


def build_rows(kind: Kind, entries: Iterable[Entry], skipped: Counter[str]) -> tuple[tuple[Row, ...], int]:
    """Merges labels that differ only in case or spelling and drops harmful aliases: (rows sorted by name, number of ambiguous aliases).

    skipped gets the reasons for every other label left out.
    """
    key_of = skill_key if kind == "skill" else title_key
    names: dict[str, str] = {}
    wanted: dict[str, dict[str, str]] = defaultdict(dict)  # alias key -> key of what it names -> alias as written
    for label, others in entries:
        name = _canonical(kind, _clean(label))
        key = key_of(name)
        if not key:
            skipped["no letter or digit"] += 1
            continue
        names.setdefault(key, name)
        for other in map(_clean, others):
            if other and (alias := key_of(other)) != key:
                wanted[alias].setdefault(key, other)
    aliases: dict[str, list[str]] = defaultdict(list)
    ambiguous = 0
    for alias, targets in wanted.items():
        key, other = next(iter(targets.items()))
        if not alias:
            skipped["no letter or digit"] += 1
        elif alias in names:
            skipped["alias is another entry's own label"] += 1
        elif len(targets) > 1:
            ambiguous += 1
        elif kind == "job_title" and len(alias) < MIN_TITLE_ALIAS:
            skipped["alias too short to mean one thing"] += 1
        elif _core_says(kind, other, alias):
            skipped["alias means something in the shipped core"] += 1
        else:
            aliases[key].append(alias)
    keep_bare = kind != "job_title"  # a title without a short form says nothing that its own words do not
    rows = [(name, tuple(sorted(aliases.get(key, ())))) for key, name in names.items() if keep_bare or key in aliases]
    return tuple(sorted(rows)), ambiguous


def write_taxonomy(taxonomy: Taxonomy, directory: Path) -> Path:
    """Adds a taxonomy to its table in a directory, made when missing; returns the table's path.

    What an earlier import put there stays; both are merged by the rules of reading.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILES[taxonomy.kind]
    earlier = read_table_file(path)
    rows: Iterable[Row] = taxonomy.rows
    if earlier:
        rows, _ = build_rows(taxonomy.kind, ((name, list(others)) for name, others in sorted([*earlier, *taxonomy.rows])), Counter())
    beside = path.with_suffix(".tmp")
    beside.write_text("".join(f"{name}\t{'|'.join(others)}\n" for name, others in rows), encoding="utf-8")
    beside.replace(path)  # a reader sees the old table or the new one, never half of one
    return path
