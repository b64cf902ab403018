"""Promises of reading feeds: streaming, every format, and one bad line never stops the rest."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import readers
from indexer.readers import READERS, Row, open_feed
from privacy.sources import Feed
from profiles.errors import InputInvalid


def rows(path: Path, **feed: str) -> list[Row]:
    described = Feed.model_validate({"format": "jsonl", **feed})
    _, stream, _ = open_feed(path)
    with stream:
        return list(READERS[described.format](stream, described))


def test_json_lines_that_are_none_are_named_by_line_and_column(tmp_path: Path) -> None:
    """A broken line, a list and a number are refused one by one; blank lines and a byte order mark do not count."""
    path = tmp_path / "feed.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\n{"a": \n[1]\n7\n{"a": 2}')
    found = rows(path)
    assert [(r.line, r.fields) for r in found if r.fields] == [(1, {"a": 1}), (6, {"a": 2})]
    assert [(r.line, r.problem.detail[:8]) for r in found if r.problem] == [(3, "not JSON"), (4, "not a JS"), (5, "not a JS")]


def test_csv_is_read_with_its_delimiter_and_encoding(tmp_path: Path) -> None:
    """Semicolons and Latin-1 come through; a line with a field too many is refused by number."""
    path = tmp_path / "feed.csv"
    path.write_bytes("Name;City\nJosé;Köln\na;b;c\n\nÅsa;Malmö\n".encode("latin-1"))
    found = rows(path, format="csv", delimiter=";", encoding="latin-1")
    assert [r.fields for r in found if r.fields] == [{"Name": "José", "City": "Köln"}, {"Name": "Åsa", "City": "Malmö"}]
    assert [(r.line, r.problem.detail) for r in found if r.problem] == [(3, "3 fields where the header has 2")]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"Id;Name\n1;Ann\n", "its header is one column by the delimiter ',', and has 1 times ';'"),
        (b"Id,Phone,Name,Phone\n1,,Ann,\n", "columns 2 and 4 have the same name"),
        ("Id,Name\n1,Ann\n".encode("utf-16"), "is in UTF-16"),
        (b"PK\x03\x04\x14\0\x06\0", "is a zip archive or a spreadsheet"),
        (b"PAR1\x15\x04", "is a Parquet file"),
    ],
)
def test_a_file_that_can_only_be_misread_is_refused_whole(tmp_path: Path, data: bytes, detail: str) -> None:
    """A wrong delimiter, a column named twice and a spreadsheet are told once, by what they are, and nothing of them is taken."""
    path = tmp_path / "feed.csv"
    path.write_bytes(data)
    with pytest.raises(InputInvalid) as refused:
        rows(path, format="csv")
    assert refused.value.problems[0].detail == detail


def test_a_header_may_be_of_one_column_or_have_columns_without_a_name(tmp_path: Path) -> None:
    """A list of names alone, and the empty columns that spreadsheets leave at the end, are read as they are."""
    path = tmp_path / "feed.csv"
    path.write_bytes(b"Name\nAnn\n")
    assert [row.fields for row in rows(path, format="csv")] == [{"Name": "Ann"}]
    path.write_bytes(b"Name,,\nAnn,,\n")
    assert [row.fields for row in rows(path, format="csv")] == [{"Name": "Ann", "": ""}]
    path.write_bytes("Name,City\nJosé,Köln\n".encode("utf-16"))
    assert [row.fields for row in rows(path, format="csv", encoding="utf-16")] == [{"Name": "José", "City": "Köln"}]


def test_gzip_is_recognised_without_being_named(tmp_path: Path) -> None:
    """A compressed feed is read as it is."""
    path = tmp_path / "feed"
    path.write_bytes(gzip.compress(b'{"a": 1}\n'))
    assert [r.fields for r in rows(path)] == [{"a": 1}]


def test_parquet_rows_are_records(tmp_path: Path) -> None:
    """A Parquet file gives the same rows as its JSON would; another file is refused as such."""
    path = tmp_path / "feed.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{"a": 1, "b": ["x"]}, {"a": 2, "b": []}]), path)
    assert [r.fields for r in rows(path, format="parquet")] == [{"a": 1, "b": ["x"]}, {"a": 2, "b": []}]
    path.write_bytes(b"no such thing")
    with pytest.raises(InputInvalid, match="not a Parquet file"):
        rows(path, format="parquet")


def test_a_damaged_parquet_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    """Bytes lost on the way, in a file that looks whole: said as of a gzip file, not as a fault of ours."""
    path = tmp_path / "feed.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": range(5000), "b": [f"{n:020}" for n in range(5000)]}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + b"\xff" * 2800 + whole[3000:])
    with pytest.raises(InputInvalid, match="damaged or cut short"):
        rows(path, format="parquet")


def test_a_csv_file_without_a_readable_header_is_refused(tmp_path: Path) -> None:
    """Its first person is not taken for the names of the columns."""
    path = tmp_path / "feed.csv"
    path.write_text('"id"x,email\n1,ann@acme.example\n2,bob@acme.example\n', "utf-8")
    with pytest.raises(InputInvalid, match="the header is not CSV"):
        rows(path, format="csv")


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line beyond the limit is refused, and the next one is read."""
    monkeypatch.setattr(readers, "MAX_LINE", 64)
    path = tmp_path / "feed.jsonl"
    path.write_bytes(b'{"a": "' + b"x" * 500 + b'"}\n{"a": 1}\n')
    assert [(r.line, r.fields) for r in rows(path)] == [(1, None), (2, {"a": 1})]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """A missing feed is a clear error, not a traceback."""
    with pytest.raises(InputInvalid, match="No such file"):
        open_feed(tmp_path / "nothing")


@settings(deadline=None, max_examples=60)
@given(data=st.binary(max_size=400), kind=st.sampled_from(["jsonl", "csv"]))
def test_no_bytes_stop_a_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes, kind: str) -> None:
    """Whatever a file holds, every line becomes a record or a reason, or its header is refused with one."""
    path = tmp_path_factory.mktemp("feed") / "feed"
    path.write_bytes(b"x" + data)
    try:
        found = rows(path, format=kind)
    except InputInvalid as refused:
        found = [Row(1, None, refused.problems[0])]
    for row in found:
        assert (row.fields is None) == (row.problem is not None)
