"""A secured cluster, as deploy/ sets one up, for the tests of its users and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from deploy.make_secrets import make_secrets
from tests.cli.running import EXAMPLES, Ran, Roster
from tests.opensearch.asking import ask, tls
from tests.opensearch.cluster import Cluster, cluster

FEED, SOURCE = EXAMPLES / "team_pages.jsonl", EXAMPLES / "sources" / "team_pages.toml"
PREFIX = "roster"  # the one that deploy/opensearch/roles.yml is written for


@dataclass(frozen=True)
class Secured:
    """A running cluster and the folder of its secrets."""

    cluster: Cluster
    secrets: Path

    def password(self, user: str) -> str:
        """Of "api", "indexer" or "operator"."""
        return (self.secrets / f"{user}.password").read_text()

    def store(self, user: str) -> str:
        """The store url of a user."""
        place = self.cluster.url.removeprefix("https://")
        login = f"user=roster-{user}&password_file={self.secrets / user}.password&ca={self.secrets / 'ca.pem'}"
        return f"opensearch+https://{place}/{PREFIX}?{login}"

    def ask(self, user: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one request as this user."""
        login = (f"roster-{user}", self.password(user))
        try:
            return 200, ask(self.cluster.url + path, method, body, user=login, context=tls(self.secrets / "ca.pem"))
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One node with TLS, users and roles."""
    secrets = tmp_path_factory.mktemp("secrets")
    make_secrets(secrets, ("opensearch-1",))
    with cluster(secrets=secrets) as made:
        yield Secured(made, secrets)


class As:
    """`roster` as a user of the cluster."""

    def __init__(self, secured: Secured, folder: Path) -> None:
        self.secured, self.run = secured, Roster(folder)

    def settings(self, user: str) -> dict[str, str]:
        """As docker-compose.yml sets them."""
        return {
            "ROSTER_STORE": self.secured.store(user),
            "ROSTER_SUPPRESSION_KEY_FILE": str(self.secured.secrets / "suppression.key"),
            "ROSTER_TAXONOMY": "taxonomy",
        }

    def __call__(self, user: str, *arguments: str, **environment: str) -> Ran:
        """Run a command with these settings, or others in their place."""
        return self.run(*arguments, **{**self.settings(user), **environment})


@pytest.fixture(scope="session")
def roster(secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> As:
    """On a store made by the operator and filled by the indexer."""
    made = As(secured, tmp_path_factory.mktemp("work"))
    assert "there is no" in made("api", "status").err
    assert "the user lacks the right indices:admin/create" in made("indexer", "index", "create").err
    for user, *command in (
        ("operator", "index", "create"),
        ("indexer", "sources", "add", str(SOURCE)),
        ("indexer", "ingest", str(FEED), "--source", "team_pages"),
    ):
        ran = made(user, *command)
        assert ran.code in (0, 3), f"{command}: {ran.err}"
    return made
