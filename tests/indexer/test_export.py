"""Files of people, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.export import whole_file


@pytest.mark.parametrize("how", [RuntimeError, KeyboardInterrupt])
def test_an_export_cut_short_leaves_nothing_of_people_behind(tmp_path: Path, how: type[BaseException]) -> None:
    """A store that fails, or Ctrl-C, half-way: the file of the last export is as it was, and no half of a new one lies beside it."""
    out = tmp_path / "profiles.jsonl"
    out.write_bytes(b"as it was")

    def cut_short() -> None:
        with whole_file(out) as file:
            file.write(b"Ann Archer")
            raise how

    with pytest.raises(how):
        cut_short()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"profiles.jsonl": b"as it was"}
