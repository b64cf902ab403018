"""Reading the TOML files that operators write."""

from __future__ import annotations

import tomllib
from importlib.resources.abc import Traversable
from typing import Any

from profiles.errors import InputInvalid, Problem


def read_toml(path: Traversable, wrong: type[InputInvalid] = InputInvalid, pointer: str = "") -> dict[str, Any]:
    """What a file says. Raises `wrong` where it cannot be read, with why under `pointer`."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise wrong([Problem(pointer, f"cannot be read: {error.strerror}", "a TOML file")]) from error
    except UnicodeDecodeError as error:
        raise wrong([Problem(pointer, f"is not UTF-8 (byte {error.start + 1})")]) from error
    except tomllib.TOMLDecodeError as error:
        raise wrong([Problem(pointer, f"is not TOML: {error}")]) from error
