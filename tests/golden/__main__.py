"""`make golden`: asks every golden query of both engines and writes what they answer; look at the diff before you commit it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile

from tests.golden.golden import ask_all, files, queries
from tests.golden.people import FOLDER
from tests.opensearch.cluster import cluster
from tests.opensearch.shared import GIVEN


def main() -> None:
    """Write answers/ and stats.txt."""
    asked = queries()
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        answers["embedded"] = asyncio.run(ask_all(f"embedded:{folder}/store", asked))
        if GIVEN:
            answers["opensearch"] = asyncio.run(ask_all(f"opensearch+{GIVEN}/golden_{os.getpid()}", asked))
        else:
            with cluster() as server:
                answers["opensearch"] = asyncio.run(ask_all(f"opensearch+{server.url}/golden", asked))
    shutil.rmtree(FOLDER / "answers", ignore_errors=True)
    for path, text in files(asked, answers).items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, "utf-8")
    sys.stdout.write((FOLDER / "stats.txt").read_text("utf-8"))


if __name__ == "__main__":
    main()
