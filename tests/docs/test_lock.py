"""requirements.lock: complete, hashed, and silent about where packages come from."""

from __future__ import annotations

import re
import tomllib

from tests.cli.running import ROOT

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def canonical(name: str) -> str:
    """A package's name as installers compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_names_no_address() -> None:
    """Whoever installs chooses the index: no index, find-links or trusted-host line, no address."""
    options = {line.strip().split("=")[0] for line in LOCK.splitlines() if line.strip().startswith("-")}
    assert options == {"--hash"}
    assert "://" not in LOCK


def test_every_package_is_pinned_with_hashes() -> None:
    """`pip install --require-hashes` accepts every entry, on every Python of pyproject.toml: no entry is conditional."""
    entries = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.M | re.I)[1:]
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.!+]+ \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_every_dependency_is_in_the_lock() -> None:
    """Nothing pyproject.toml asks for is missing from the lock, so that `pip install --no-deps .` after it is enough."""
    asked = [*PROJECT["dependencies"], *(d for extra in PROJECT["optional-dependencies"].values() for d in extra)]
    pinned = {canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", LOCK, re.M)}
    missing = {canonical(re.split(r"[<>=\[ ]", want)[0]) for want in asked} - pinned
    assert not missing
