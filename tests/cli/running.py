"""Running `roster` as a person does: its own process, its own store, what it printed and how it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class Ran:
    """The end of one run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What --json printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Roster:
    """`roster` with a store of its own, run in `folder`."""

    folder: Path

    def __call__(self, *arguments: str, text: str | None = None, **environment: str) -> Ran:
        """Run it with these arguments, standard input and settings."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}
        env = {**plain, "ROSTER_STORE": "embedded:store", "PYTHONPATH": str(ROOT), **environment}
        command = [sys.executable, "-m", "cli.main", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=env, input=text, capture_output=True, text=True, timeout=120, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def filled(self) -> Roster:
        """With the three example feeds ingested."""
        for name in ("team_pages.jsonl", "crm_contacts.csv", "conference_speakers.jsonl"):
            source = name.split(".")[0]
            assert self("sources", "add", str(EXAMPLES / "sources" / f"{source}.toml")).code == 0
            assert self("ingest", str(EXAMPLES / name), "--source", source).code in (0, 3)
        return self
