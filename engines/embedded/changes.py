"""`ProfileChanges` on SQLite: every write of a profile has the next number of the outbox, and its row keeps the last one.

One process writes at a time (`BEGIN IMMEDIATE`), and a number is taken inside the transaction: numbers become visible in their own order.
"""

from __future__ import annotations

from engines.base import Changed, Document
from engines.cursors import invalid_cursor
from engines.embedded.database import Database, sqlite_errors
from engines.embedded.documents import newest_sequence
from engines.embedded.workers import Workers


class SqliteChanges:
    """The row of profile writes of one store. A place is the store's identity and the number of a write."""

    def __init__(self, database: Database, workers: Workers) -> None:
        self._database, self._workers = database, workers

    async def changed(self, after: str, size: int) -> Changed:
        """Up to `size` profiles written after a place. Raises QueryInvalid for a place that is not of this store, StoreUnavailable."""
        return await self._workers.read(lambda: self._changed(after, size))

    def _changed(self, after: str, size: int) -> Changed:
        identity = self._database.facts()["identity"]
        store, _, number = (after or f"{identity}:0").partition(":")
        with sqlite_errors(self._database.path):
            connection = self._database.connection()
            # A number that is yet to come is of a store that was set back to a backup since: what it held then is not what it holds.
            if store != identity or not number.isdecimal() or len(number) > 18 or int(number) > newest_sequence(connection):
                raise invalid_cursor("belongs to another store, or to one since set back to a backup")
            sql = "SELECT key, body, version, changed FROM profiles WHERE changed > ? ORDER BY changed LIMIT ?"
            rows = connection.execute(sql, (int(number), size + 1)).fetchall()
        page = rows[:size]
        last = page[-1][3] if page else int(number)
        return Changed(tuple(Document(*row[:3]) for row in page), f"{identity}:{last}", len(rows) > size)
