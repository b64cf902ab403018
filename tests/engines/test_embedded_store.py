"""The embedded store on disk: what it does when files are missing, damaged or another version's, and who may write what."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from engines.base import Collection, Reader, Write, Writer
from engines.embedded.documents import SqliteWrites
from engines.embedded.index_files import IndexFiles
from engines.opening import open_reader, open_writer
from engines.query import SearchQuery, Term
from profiles.errors import SettingsInvalid, StoreBusy, StoreUnavailable, StoreVersion
from tests.contract.people import TODAY, person, put

BERG = SearchQuery(match=Term("name", "berg"), facets={"city": 3}, today=TODAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
async def writer(folder: Path) -> AsyncIterator[Writer]:
    """A store with fifty people in its index."""
    store = await open_writer(f"embedded:{folder}", today=lambda: TODAY)
    await store.contacts.write([put(person(f"p{n:02}", city="Munich")) for n in range(50)])
    await store.index.catch_up()
    yield store
    await store.close()


@pytest.fixture
async def reader(writer: Writer, folder: Path) -> AsyncIterator[Reader]:
    store = await open_reader(f"embedded:{folder}", today=lambda: TODAY)
    yield store
    await store.close()


def index_folder(folder: Path) -> Path:
    """The index in use."""
    return folder / "search" / (folder / "search" / "current").read_text()


@pytest.mark.parametrize("url", ["", "embedded:", "embedded: ", "sqlite:x", "store", "opensearch://localhost:9200", "embedded:a\0b"])
async def test_a_url_that_is_none_says_what_one_looks_like(url: str) -> None:
    """A wrong store setting is refused with an example of a right one."""
    for opening in (open_reader, open_writer):
        with pytest.raises(SettingsInvalid) as caught:
            await opening(url)
        assert "embedded:" in caught.value.problems[0].allowed


async def test_a_reader_cannot_write_contacts_by_any_route(reader: Reader) -> None:
    """Even with the engine's own writing code on its connection, a serving process cannot change contacts."""
    database = reader.contacts._database  # type: ignore[attr-defined]  # the route an attacker inside the process would take
    smuggled = SqliteWrites(database, frozenset(Collection), reader.contacts._workers)  # type: ignore[attr-defined]
    with pytest.raises(StoreUnavailable, match="may only be read"):
        await smuggled.write([Write(Collection.META, "k", b"1")])
    with closing(sqlite3.connect(f"{database.path.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM meta").fetchone()[0] == 0
    own = database._connect()
    for statement in ("DELETE FROM profiles", "PRAGMA query_only = OFF", "DELETE FROM profiles", "CREATE TABLE x (y)"):
        with suppress(sqlite3.OperationalError):  # "attempt to write a readonly database"; the count below is what matters
            own.execute(statement)
    assert await reader.contacts.count(Collection.PROFILES) == 50


async def test_a_reader_opens_while_nobody_writes(writer: Writer, folder: Path) -> None:
    """After the last writer closed, a store opens for reading and shows everything."""
    await writer.close()
    store = await open_reader(f"embedded:{folder}")
    assert await store.contacts.count(Collection.PROFILES) == 50
    assert (await store.search.search(BERG)).total == 50
    await store.close()


@pytest.mark.parametrize("name", ["contacts.sqlite", "service.sqlite"])
async def test_another_versions_store_says_what_to_do(writer: Writer, folder: Path, name: str) -> None:
    """A store of another schema is refused by readers and writers, naming both versions and a way out."""
    await writer.close()
    with closing(sqlite3.connect(folder / name)) as connection:
        connection.execute("UPDATE store SET value = '99' WHERE name = 'schema'")
        connection.commit()
    for opening in (open_reader, open_writer):
        with pytest.raises(StoreVersion, match=r"schema 99.*ingest"):
            await opening(f"embedded:{folder}")


@pytest.mark.parametrize("name", ["contacts.sqlite", "service.sqlite"])
@pytest.mark.parametrize("damage", [b"", b"no database at all" * 300])
async def test_damaged_files_are_named(writer: Writer, folder: Path, name: str, damage: bytes) -> None:
    """A damaged or emptied file is an error that names it, and nothing is made in its place for a reader."""
    await writer.close()
    (folder / name).write_bytes(damage)
    with pytest.raises(StoreUnavailable, match=name.replace(".", "[.]")):
        await open_reader(f"embedded:{folder}")
    if damage:
        with pytest.raises(StoreUnavailable, match="damaged; restore"):
            await open_writer(f"embedded:{folder}")


async def test_a_lost_suppression_list_is_not_replaced_by_an_empty_one(writer: Writer, folder: Path) -> None:
    """Without the file that holds suppressions, nobody may serve or ingest."""
    await writer.close()
    (folder / "service.sqlite").unlink()
    for opening in (open_reader, open_writer):
        with pytest.raises(StoreUnavailable, match=r"service[.]sqlite is missing.*restore"):
            await opening(f"embedded:{folder}")


async def test_a_path_that_cannot_be_a_store(tmp_path: Path) -> None:
    """A file where the folder should be is an error, not a traceback."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailable):
        await open_writer(f"embedded:{tmp_path / 'file'}")
    with pytest.raises(StoreUnavailable):
        await open_reader(f"embedded:{tmp_path / 'file'}")


def _no_folder(folder: Path) -> None:
    shutil.rmtree(folder / "search")


def _no_pointer(folder: Path) -> None:
    (folder / "search" / "current").unlink()


def _pointer_to_nothing(folder: Path) -> None:
    (folder / "search" / "current").write_text("../../etc")


def _no_meta(folder: Path) -> None:
    (index_folder(folder) / "meta.json").unlink()


def _meta_cut(folder: Path) -> None:
    (index_folder(folder) / "meta.json").write_text("{")


def _segments_gone(folder: Path) -> None:
    for path in index_folder(folder).glob("*.term"):
        path.unlink()


def _segments_cut(folder: Path) -> None:
    for path in index_folder(folder).iterdir():
        if path.suffix in (".term", ".fast", ".idx", ".store"):
            content = path.read_bytes()[:20]
            path.unlink()  # another file in its place, as a restore does: the old one stays whole for whoever has it open
            path.write_bytes(content)


def _another_fingerprint(folder: Path) -> None:
    old = index_folder(folder)
    name = old.name[:-19] + "0123456789ab" + old.name[-7:]
    old.rename(old.with_name(name))
    (folder / "search" / "current").write_text(name)


DAMAGE = [_no_folder, _no_pointer, _pointer_to_nothing, _no_meta, _meta_cut, _segments_gone, _segments_cut, _another_fingerprint]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__.strip("_"))
@pytest.mark.parametrize("seen", [True, False], ids=["opened before", "opened after"])
async def test_an_index_that_is_missing_damaged_or_old_is_built_anew(
    writer: Writer, folder: Path, damage: Callable[[Path], None], seen: bool
) -> None:
    """Until then searches say what to run and `status` why; the next indexing rebuilds from the truth; readers follow by themselves."""
    await writer.close()
    store = await open_reader(f"embedded:{folder}", today=lambda: TODAY)
    if seen:
        assert (await store.search.search(BERG)).total == 50
    damage(folder)
    if seen and (await store.search.health())["ready"]:  # files once open stay whole: such an index still answers, and in full
        assert (await store.search.search(BERG)).total == 50
    else:
        with pytest.raises(StoreUnavailable, match="reindex"):
            await store.search.search(BERG)
        health = await store.search.health()
        assert health["ready"] is False
        assert "reindex" in health["reasons"][0]
    again = await open_writer(f"embedded:{folder}", today=lambda: TODAY)
    assert await again.index.catch_up() == 50
    for served in (store, again):
        result = await served.search.search(BERG)
        assert (result.total, dict(result.facets["city"])) == (50, {"Munich": 50})
        assert (await served.search.health())["ready"]
    assert len([path for path in (folder / "search").iterdir() if path.is_dir()]) == 1, "the old index is cleared away"
    await again.close()
    await store.close()


async def test_scrambled_segments_never_crash(writer: Writer, folder: Path) -> None:
    """Bytes changed inside the index give an answer or StoreUnavailable, never another error, and a rebuild heals them."""
    await writer.close()
    for path in index_folder(folder).iterdir():
        if path.suffix in (".term", ".fast", ".idx", ".pos", ".fieldnorm", ".store"):
            content = bytearray(path.read_bytes())
            for at in range(0, len(content), 7):
                content[at] ^= 0xFF
            path.write_bytes(content)
    store = await open_writer(f"embedded:{folder}", today=lambda: TODAY)
    for query in (BERG, SearchQuery(today=TODAY)):
        with suppress(StoreUnavailable):
            assert (await store.search.search(query)).total >= 0
    assert await store.index.rebuild() == 50
    assert (await store.search.search(BERG)).total == 50
    await store.close()


async def test_an_index_of_another_store_is_not_taken_for_ones_own(writer: Writer, folder: Path, tmp_path: Path) -> None:
    """A search folder copied from another store is noticed and built anew."""
    await writer.close()
    other = tmp_path / "other"
    store = await open_writer(f"embedded:{other}", today=lambda: TODAY)
    await store.contacts.write([put(person("x", "Otto Berg"))])
    await store.index.catch_up()
    await store.close()
    shutil.rmtree(other / "search")
    shutil.copytree(folder / "search", other / "search")
    store = await open_writer(f"embedded:{other}", today=lambda: TODAY)
    with pytest.raises(StoreUnavailable, match="another store"):
        await store.search.search(BERG)
    assert await store.index.catch_up() == 1
    assert [hit.id for hit in (await store.search.search(BERG)).hits] == ["x"]
    await store.close()


async def test_an_index_behind_the_shortened_outbox_is_built_anew(writer: Writer, folder: Path, tmp_path: Path) -> None:
    """An index put back from an old copy has missed writes nobody lists any more: it is built anew, not trusted."""
    shutil.copytree(folder / "search", tmp_path / "copy")
    await writer.contacts.write([put(person("late", "Otto Zoller"))])
    await writer.index.catch_up()
    await writer.close()
    shutil.rmtree(folder / "search")
    shutil.copytree(tmp_path / "copy", folder / "search")
    store = await open_writer(f"embedded:{folder}", today=lambda: TODAY)
    assert await store.index.catch_up() == 51
    assert (await store.search.search(SearchQuery(match=Term("name", "zoller")))).total == 1
    await store.close()


async def test_the_outbox_is_shortened_by_the_writer_alone(writer: Writer, reader: Reader, folder: Path) -> None:
    """What is indexed leaves the outbox when the writer indexes; a serving process that indexes leaves it alone."""

    def listed() -> int:
        with closing(sqlite3.connect(folder / "contacts.sqlite")) as connection:
            return int(connection.execute("SELECT count(*) FROM outbox").fetchone()[0])

    assert listed() == 0
    await writer.contacts.write([put(person("late"))])
    await reader.index.catch_up()
    assert listed() == 1
    await writer.contacts.write([put(person("later"))])
    assert await writer.index.catch_up() == 1
    assert listed() == 0


async def test_left_overs_of_builds_that_died_are_cleared(writer: Writer, folder: Path) -> None:
    """A half-built index left by a killed process is removed by the next build."""
    leftover = folder / "search" / f"{index_folder(folder).name[:-6]}000077.building"
    leftover.mkdir()
    (leftover / "junk").write_text("x")
    await writer.index.rebuild()
    assert not leftover.exists()


async def test_a_build_that_fails_leaves_the_old_index_in_use(writer: Writer, folder: Path) -> None:
    """An error in the middle of a rebuild changes nothing for searches, and the next rebuild works."""

    def fail(done: int, total: int) -> None:
        raise RuntimeError("stopped by the test")

    before = index_folder(folder)
    with pytest.raises(RuntimeError, match="stopped"):
        await writer.index.rebuild(progress=fail)
    assert index_folder(folder) == before
    assert (await writer.search.search(BERG)).total == 50
    assert await writer.index.rebuild() == 50
    assert [path for path in (folder / "search").iterdir() if path.is_dir()] == [index_folder(folder)]


async def test_a_new_store_is_its_owners_alone(folder: Path, writer: Writer) -> None:
    """The folder of a new store cannot be entered by other users: it holds personal data."""
    assert (await asyncio.to_thread(folder.stat)).st_mode & 0o077 == 0


async def test_a_busy_store_makes_writes_wait_and_nothing_else(writer: Writer, folder: Path) -> None:
    """While another process holds the store for writing, reads and searches of this one go on; the write waits its turn and is done."""
    with closing(sqlite3.connect(folder / "contacts.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(writer.contacts.write([put(person("late"))]))
        for _ in range(20):
            assert (await writer.search.search(BERG)).total == 50
            assert await writer.contacts.get(Collection.PROFILES, "late") is None
        assert not waiting.done()
        other.execute("ROLLBACK")
        assert await waiting > 0
    assert await writer.contacts.get(Collection.PROFILES, "late") is not None


async def test_a_store_busy_for_too_long_is_said_to_be(folder: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the lock timeout a write gives up with StoreBusy, and has written nothing."""
    await writer.close()
    monkeypatch.setattr("engines.embedded.database.BUSY_SECONDS", 0.05)
    store = await open_writer(f"embedded:{folder}", today=lambda: TODAY)
    with closing(sqlite3.connect(folder / "contacts.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            await store.contacts.write([put(person("late"))])
        other.execute("ROLLBACK")
    assert await store.contacts.get(Collection.PROFILES, "late") is None
    await store.contacts.write([put(person("late"))])
    await store.close()


async def test_another_that_is_indexing_is_waited_for(writer: Writer, reader: Reader, folder: Path) -> None:
    """Two that bring the index up at the same moment, a server and an ingest, both get it done: neither is told to come again."""
    files = IndexFiles(folder / "search", 1, "0" * 12)
    with files.lock():
        await writer.contacts.write([put(person("late"))])
        waiting = [asyncio.create_task(store.index.catch_up()) for store in (writer, reader)]
        for _ in range(20):
            assert (await reader.search.search(BERG)).total == 50
        assert not any(task.done() for task in waiting)
    await asyncio.gather(*waiting)
    assert (await reader.search.search(BERG)).total == 51
