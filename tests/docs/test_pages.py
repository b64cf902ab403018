"""What the documents say is true: generated pages match the code, commands run, links and named files exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cli.main import COMMANDS, roster
from cli.reference import PAGES, commands
from tests.cli.running import ROOT, Roster

DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "bench").glob("*.md")])
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_what_the_code_says(name: str) -> None:
    """The command, settings, error and source pages never fall behind the code (`make docs` writes them again)."""
    assert (ROOT / "docs" / name).read_text("utf-8") == PAGES[name]()


def test_every_command_has_an_example() -> None:
    """Whoever reads a command's help sees a line to type."""
    without = [" ".join(path) for path, command in commands() if "Example:\n  roster " not in (command.epilog or "")]
    assert not without


def test_every_command_is_in_the_list() -> None:
    """No command is reachable that the list in cli/main.py does not name."""
    assert set(roster.commands.values()) == set(COMMANDS)


def shell_lines(text: str) -> list[str]:
    """The lines of the ```sh blocks."""
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines() if line.strip()]


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    """Every `roster` line of README.md runs as it stands, in order, in a folder with the examples (serve has tests of its own)."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    run = Roster(tmp_path)
    lines = [line for line in shell_lines(README) if line.startswith("roster ") and not line.startswith("roster serve")]
    assert len(lines) >= 8
    for line in lines:
        ran = run(*shlex.split(line)[1:])
        assert ran.code in (0, 3), f"{line}: {ran.err}"
        assert ran.out.strip(), line


def test_the_make_targets_of_the_documents_exist() -> None:
    """Every `make something` a document names is in the Makefile, and each target says what it does."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.M))
    named = {name for path in DOCUMENTS for name in re.findall(r"(?:`|^)make ([a-z]+)", path.read_text("utf-8"), re.M)}
    assert named
    assert named <= targets, f"no such target: {sorted(named - targets)}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every link to a file of the project finds it."""
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")) if ":" not in link]
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing, f"{path.name} links to {missing}"


def test_the_newcomers_table_names_files_that_exist() -> None:
    """ARCHITECTURE.md: "I want to ... -> open ..." leads to files, and mentions every folder of the house."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| .+? \| (.+?) \|$", text.split("## I want to")[1].split("\n## ")[0], re.M)[2:]
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert len(named) >= 25
    assert not missing, f"ARCHITECTURE.md sends newcomers to {missing}"
    for folder in ("profiles", "mappings", "engines", "privacy", "indexer", "search_api", "cli", "deploy", "bench", "tests"):
        assert re.search(rf"^## `{folder}/`", text, re.M), f"ARCHITECTURE.md has no heading for {folder}/"


def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    """What README.md shows of the first command is what `roster demo` prints, but for times, ports and ids."""

    def lasting(text: str) -> list[str]:
        return [re.sub(r"read in .+$|:\d{4,5}/| - p\w+$", "", line) for line in text.splitlines() if line.strip()]

    shown = lasting(README.split("```text")[1].split("```")[0])
    assert len(shown) > 5
    assert [line for line in shown if line not in lasting(Roster(tmp_path)("demo").out)] == []


def test_the_examples_travel_with_the_package() -> None:
    """pyproject.toml maps examples/ into the package, so that `roster demo` works from an installed wheel."""
    import tomllib

    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    assert setuptools["package-dir"] == {"cli.examples": "examples", "cli.examples.sources": "examples/sources"}
    patterns = setuptools["package-data"]["*"]
    assert all(any(path.match(pattern) for pattern in patterns) for path in (ROOT / "examples").rglob("*.*"))
