"""Feed files -> rows, streaming. READERS lists the formats; gzip is recognised by its first bytes; "-" is standard input."""

from __future__ import annotations

import asyncio
import codecs
import csv
import gzip
import io
import signal
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import orjson

from privacy.sources import Feed
from profiles.errors import InputInvalid, Problem

MAX_LINE = 4 * 1024 * 1024
"""Bytes of one line or field; the longest record of the feeds seen has 60 kB, and memory must stay bounded."""

UNDECODED = "\ufffd"
"""What stands for bytes that are not of the encoding, here and in files that were damaged before they came."""

GZIP_MAGIC = b"\x1f\x8b"

FOREIGN = ((b"PK\x03\x04", "is a zip archive or a spreadsheet"), (b"PAR1", "is a Parquet file"))
"""First bytes of files that are taken for text by mistake, and what they are."""

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

DELIMITERS = ",;\t|"
"""What usually stands between the fields of a CSV file."""


class Row(NamedTuple):
    """One record of a feed: its line (1 = first; CSV counts lines, Parquet rows), and its fields or what is wrong with it.

    A tuple, as every row travels to another process: a dataclass with slots takes three times as long to pickle.
    """

    line: int
    fields: dict[str, Any] | None
    problem: Problem | None = None


class CountedFile(io.RawIOBase):
    """A binary file that knows how far it has been read (bytes before decompression), for the time left."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.bytes_read = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """As the file below is; Parquet keeps its directory at the end."""
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move in the file below."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """Position in the file below."""
        return self._raw.tell()

    def readinto(self, buffer: Any) -> int:
        """Read into the buffer and count."""
        with _stoppable() if self._raw is sys.stdin.buffer else nullcontext():
            data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self.bytes_read += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file below, unless it is standard input."""
        if self._raw is not sys.stdin.buffer:
            self._raw.close()
        super().close()


@contextmanager
def _stoppable() -> Iterator[None]:
    """While it waits for standard input, Ctrl-C ends it at once; otherwise asyncio would only note it, and act when input comes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if _told_to_stop():  # just before: noted, and not acted upon yet
            raise KeyboardInterrupt
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Gzip(gzip.GzipFile):
    """Says of a file that was cut short or damaged on its way what it is."""

    def readinto(self, buffer: Any) -> int:
        """Read into the buffer. Raises InputInvalid."""
        try:
            return super().readinto(buffer)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise InputInvalid([_damaged("the whole gzip file")]) from None


def _damaged(allowed: str) -> Problem:
    return Problem("FILE", "is damaged or cut short; of the records before that, some may have been taken", allowed)


def _told_to_stop() -> bool:
    """Whether the running task has been cancelled and does not know it yet."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no event loop here
        return False
    return bool(task and task.cancelling())


def open_feed(path: Path | str) -> tuple[CountedFile, io.BufferedReader, int | None]:
    """The file below, the decompressed stream, and the size in bytes (None for standard input).

    Raises InputInvalid when the file cannot be opened.
    """
    if str(path) == "-":
        counted, size = CountedFile(sys.stdin.buffer), None
    else:
        try:
            size = Path(path).stat().st_size
            counted = CountedFile(Path(path).open("rb"))  # noqa: SIM115  closed by the caller, with the stream
        except OSError as error:
            raise InputInvalid(
                [Problem(str(path), f"cannot be read: {error.strerror}", "a readable file, or - for standard input")]
            ) from error
    stream: io.BufferedReader = io.BufferedReader(counted, 1 << 18)
    if stream.peek(2)[:2] == GZIP_MAGIC:
        stream = io.BufferedReader(cast(Any, _Gzip(fileobj=stream)), 1 << 18)
    return counted, stream, size


def read_jsonl(stream: io.BufferedReader, feed: Feed) -> Iterator[Row]:
    """One JSON object a line; blank lines and a byte order mark are passed over. Raises InputInvalid for a file that is no text."""
    _check_beginning(stream, "JSON lines, in UTF-8")
    line = 0
    while raw := stream.readline(MAX_LINE + 1):
        line += 1
        if len(raw) > MAX_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE)
            yield Row(line, None, Problem("", f"line longer than {MAX_LINE} bytes", "one JSON object a line"))
            continue
        if line == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if not (text := raw.strip()):
            continue
        try:
            if feed.encoding.lower().replace("-", "") not in ("utf8", "ascii"):
                text = text.decode(feed.encoding).encode()
            fields = orjson.loads(text)
        except UnicodeDecodeError:
            yield Row(line, None, _not_of(feed, "the line"))
            continue
        except orjson.JSONDecodeError as error:
            yield Row(line, None, Problem("", f"not JSON: {error.msg} at column {error.colno}", "one JSON object a line"))
            continue
        yield Row(line, fields) if isinstance(fields, dict) else Row(line, None, Problem("", "not a JSON object", "one JSON object a line"))


def read_csv(stream: io.BufferedReader, feed: Feed) -> Iterator[Row]:
    """A header line, then a record a line; delimiter and encoding as the source file names them.

    Raises InputInvalid for a file that is no text, and for a header by which no record could be read as it is meant.
    """
    _check_beginning(stream, "CSV, in the encoding that [feed] of the source file names", wide="16" in feed.encoding)
    encoding = "utf-8-sig" if feed.encoding.lower().replace("-", "") == "utf8" else feed.encoding
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(_text_lines(stream, encoding), delimiter=feed.delimiter, strict=True)
    header: list[str] = []
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            if not header:  # the line after it would be taken for one
                raise InputInvalid([Problem("FILE", f"the header is not CSV: {error}", f"names separated by {feed.delimiter!r}")]) from None
            yield Row(reader.line_num, None, Problem("", f"not CSV: {error}", f"fields separated by {feed.delimiter!r}"))
            continue
        if values is None:
            return
        if not header:
            header = [h.strip() for h in values]
            _check_header(header, feed)
        elif values and len(values) != len(header):
            yield Row(
                reader.line_num, None, Problem("", f"{len(values)} fields where the header has {len(header)}", f"{len(header)} fields")
            )
        elif damaged := [at for at, value in enumerate(values, start=1) if UNDECODED in value]:
            yield Row(reader.line_num, None, _not_of(feed, f"field {damaged[0]}"))
        elif values:
            yield Row(reader.line_num, dict(zip(header, values, strict=True)))


def _check_beginning(stream: io.BufferedReader, allowed: str, *, wide: bool = False) -> None:
    """Refuse a file whose first bytes say that it is something else, before each of its lines is. wide: UTF-16 is right."""
    begins = stream.peek(4)[:4]
    what = next((what for magic, what in FOREIGN if begins.startswith(magic)), None)
    if what is None and not wide and begins.startswith(WIDE):
        what = "is in UTF-16"
    if what:
        raise InputInvalid([Problem("FILE", what, allowed)])


def _check_header(header: list[str], feed: Feed) -> None:
    """Refuse a header that was divided wrongly, or that gives two columns one name: one would silently stand for both.

    Names stay unsaid: where a header is missing, they are the values of the first person.
    """
    if len(header) == 1 and (other := max(DELIMITERS, key=header[0].count)) in header[0]:
        detail = f"its header is one column by the delimiter {feed.delimiter!r}, and has {header[0].count(other)} times {other!r}"
        raise InputInvalid([Problem("FILE", detail, "the delimiter that [feed] of the source file names")])
    first: dict[str, int] = {}
    for column, name in enumerate(header, start=1):
        if name and first.setdefault(name, column) != column:
            raise InputInvalid([Problem("FILE", f"columns {first[name]} and {column} have the same name", "each name once in the header")])


def _not_of(feed: Feed, where: str) -> Problem:
    """A name with signs lost would be held, and found, as another name: better refused and delivered again."""
    return Problem("", f"{where} has signs that are not {feed.encoding}", "the feed's own encoding, named in [feed] of the source file")


def _text_lines(stream: io.BufferedReader, encoding: str) -> Iterator[str]:
    """Decoded lines; bytes that are not of the encoding become U+FFFD, so that one bad byte costs its record and not the feed."""
    with io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as text:
        while line := text.readline(MAX_LINE):
            yield line.replace("\0", "")


def read_parquet(stream: io.BufferedReader, feed: Feed) -> Iterator[Row]:
    """A Parquet file, in batches; needs the extra `roster[parquet]` and a file that can be sought in."""
    try:
        import pyarrow.parquet as parquet  # an extra: 40 MB that most operators do without
    except ImportError as error:
        raise InputInvalid([Problem("feed.format", "parquet needs an extra package", "pip install 'roster[parquet]'")]) from error
    try:
        file = parquet.ParquetFile(stream if stream.seekable() else io.BytesIO(stream.read()))
    except Exception as error:  # pyarrow raises its own kinds for a file that is none
        raise InputInvalid([Problem("FILE", "is not a Parquet file", "Parquet, as the source file says")]) from error
    batches, line = file.iter_batches(batch_size=1000), 0
    while True:
        try:
            rows = next(batches).to_pylist()
        except StopIteration:
            return
        except Exception:  # its text may quote values
            raise InputInvalid([_damaged("the whole Parquet file")]) from None
        for fields in rows:
            line += 1
            yield Row(line, fields)


Reader = Callable[[io.BufferedReader, Feed], Iterator[Row]]

READERS: dict[str, Reader] = {"jsonl": read_jsonl, "csv": read_csv, "parquet": read_parquet}
