"""Which roster answers."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def roster_version() -> str:
    """The version of the installed package."""
    try:
        return version("roster")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
