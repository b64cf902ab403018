"""How the command line speaks: JSON or text on standard output; progress, warnings and errors on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

EVERY_SECONDS = 5.0  # a progress line in a log: often enough to see life, rare enough to read
REDRAW_SECONDS = 0.2  # on a terminal: faster than this only flickers


_DROPPED = dict.fromkeys(
    code for span in ((0x00, 0x09), (0x0B, 0x1F), (0x7F, 0x9F), (0x202A, 0x202E), (0x2066, 0x2069)) for code in range(span[0], span[1] + 1)
)


def printable(text: str) -> str:
    """Without control characters and changes of writing direction: a feed's values must not move the cursor or repaint a terminal."""
    return text.translate(_DROPPED)


def say(text: str = "") -> None:
    """One line for the person at the keyboard, on standard output."""
    click.echo(printable(text))


def tell(text: str) -> None:
    """One line beside the output, on standard error."""
    click.echo(printable(text), err=True)


def print_json(body: Any) -> None:
    """One JSON object, indented, non-ASCII letters as they are; dates and enumerations as text."""
    import orjson

    click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2, default=str).decode())


def table(rows: Iterable[Sequence[object]], heads: Sequence[str]) -> str:
    """Columns padded to their widest cell; the last one is left as long as it is."""
    lines = [tuple(map(str, heads)), *(tuple(map(str, row)) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 profile", "1,204 profiles"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """For a person: 0.31 -> "0.3 s", 17.2 -> "17 s", 75 -> "1 min 15 s", 3700 -> "1 h 1 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class ProgressLine:
    """Shows a long job's count, rate and time left: redrawn in place on a terminal, a line every few seconds elsewhere."""

    def __init__(self, noun: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._noun = noun
        self._clock = clock
        self._terminal = sys.stderr.isatty()
        self._last = clock()
        self._width = 0

    def show(self, done: int, seconds: float, share: float | None) -> None:
        """Show `done` things after `seconds`; share: 0 to 1 of the whole where known, for the time left."""
        now = self._clock()
        if now - self._last < (REDRAW_SECONDS if self._terminal else EVERY_SECONDS):
            return
        self._last = now
        line = f"{done:,} {self._noun}, {done / seconds:,.0f}/s" if seconds > 0 else f"{done:,} {self._noun}"
        if share and 0 < share < 1:
            line += f", {share:.0%}, {duration(seconds / share - seconds)} left"
        if self._terminal:
            click.echo("\r" + line.ljust(self._width), nl=False, err=True)
            self._width = len(line)
        else:
            tell(line)

    def end(self) -> None:
        """Clear the line on a terminal, so that what follows starts clean."""
        if self._terminal and self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)
