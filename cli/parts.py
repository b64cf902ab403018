"""Where the parts are put together: settings -> store, policy, suppression list, and the one door to profiles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.options import STORE

if TYPE_CHECKING:  # heavy: loaded by the functions below, when a command runs
    from cli.settings import Settings
    from engines.base import Reader, Writer
    from privacy.policy import RetentionPolicy
    from privacy.reading import ProfileReader
    from privacy.suppression import SuppressionKey, SuppressionList
    from search_api.verify.service import Verifier

T = TypeVar("T")


def today() -> date:
    """The day by which values expire: UTC, so that all processes of a store agree."""
    from engines.opening import utc_today

    return utc_today()


def settings() -> Settings:
    """The settings of this run, from the command line and the environment."""
    from cli.settings import read_settings

    return read_settings(click.get_current_context().meta.get(STORE))


def shown(given: Settings) -> str:
    """The store's url, fit for a screen or a log: without user and password."""
    from engines.opening import shown_url

    return shown_url(given.store)


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end."""
    import asyncio

    return asyncio.run(work)


@asynccontextmanager
async def reading(given: Settings) -> AsyncIterator[Reader]:
    """The store, with no way to write contacts."""
    from engines.opening import open_reader

    store = await open_reader(given.store, today=today)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def writing(given: Settings, *, create: bool = False) -> AsyncIterator[Writer]:
    """The store, to write to.

    create: make it when missing; only for commands a store begins with. A mistyped path must not become an empty store in which
    `suppress` then finds nobody to hide.
    """
    from engines.opening import open_writer

    store = await open_writer(given.store, today=today, create=create)
    try:
        yield store
    finally:
        await store.close()


def profiles_of(store: Reader | Writer) -> ProfileReader:
    """The one door through which profiles are read."""
    from privacy.reading import ProfileReader

    return ProfileReader(store, today)


async def freshen(store: Reader) -> None:
    """Bring the index up to the store: entries that held something until yesterday match nothing before that."""
    from profiles.errors import StoreError

    with suppress(StoreError):  # another process is at it, or the disk is full: what is there can still be read
        await store.index.catch_up()


def policy(given: Settings) -> RetentionPolicy:
    """The retention policy in force. Raises PolicyInvalid when a kind of value has no period."""
    from privacy.policy import load_policy

    return load_policy(given.policy)


def store_folder(given: Settings) -> Path:
    """The folder of an embedded store, where its key file and taxonomies lie too. Raises SettingsInvalid for another kind of store."""
    from engines.opening import check_url
    from profiles.errors import Problem, SettingsInvalid

    check_url(given.store)
    kind, _, path = given.store.partition(":")
    if kind != "embedded" or not path:
        raise SettingsInvalid(
            [Problem("store", "has no folder on this machine", "embedded:PATH, or ROSTER_SUPPRESSION_KEY and ROSTER_TAXONOMY set")]
        )
    return Path(path).expanduser()


def suppression_key(given: Settings) -> SuppressionKey:
    """The key of the suppression list: as set, or the one kept in the store, made there at first use."""
    from privacy.suppression import SuppressionKey

    if given.suppression_key:
        return SuppressionKey.from_hex(given.suppression_key)
    return SuppressionKey.load_or_create(store_folder(given))


def suppressions(given: Settings, store: Writer) -> SuppressionList:
    """The suppression list of a store."""
    from privacy.suppression import SuppressionList

    return SuppressionList(store.service, suppression_key(given))


def verifier(given: Settings, store: Reader) -> Verifier | None:
    """What verifying works with; None without the suppression list's key: whoever is on the list could then not be told from others."""
    from datetime import timedelta

    from privacy.suppression import SuppressionList
    from profiles.errors import SettingsInvalid
    from search_api.answers import SourceNames
    from search_api.verify.mail_hosts import DnsMailHosts
    from search_api.verify.mailboxes import SmtpMailboxes
    from search_api.verify.service import Verifier

    try:
        suppressed = SuppressionList(store.service, suppression_key(given))
    except SettingsInvalid:
        return None
    hosts = DnsMailHosts(given.dns_servers)
    asker = SmtpMailboxes(given.smtp_sender, hosts) if given.smtp_sender else None
    lasting = timedelta(days=given.verify_days)
    return Verifier(profiles_of(store), SourceNames(store.contacts), suppressed, hosts, asker, lasting)


def taxonomy_folder(given: Settings) -> Path:
    """Where imported taxonomies lie: as set, or in the store."""
    return given.taxonomy or store_folder(given) / "taxonomy"


def use_taxonomies(given: Settings) -> Path | None:
    """Let the normalisers know the imported skills and titles; returns their folder, None when nothing was imported."""
    from profiles.normalise import job_title, skill

    folder = taxonomy_folder(given)
    if not folder.is_dir():
        return None
    skill.use_taxonomy(folder)
    job_title.use_taxonomy(folder)
    return folder
