"""roster on a secured cluster, each command as the user of its role: what `docker compose up` does, on a real node."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.make_secrets import make_secrets
from tests.cli.running import EXAMPLES, ROOT
from tests.opensearch.conftest import FEED, As

pytestmark = pytest.mark.xdist_group("clusters")  # as test_least_privilege.py


def test_the_api_user_searches_what_the_indexer_ingested(roster: As) -> None:
    """Every profile is found, and nothing is left to come, though the one who searches may not write the index."""
    body = roster("api", "status", "--json").json
    assert body["profiles"] == body["index"]["documents"] > 100
    assert body["index"]["backlog"] == 0
    found = roster("api", "search", "head of engineering warsaw", "--json")
    assert found.code == 0, found.err
    assert found.json["total"] > 0


@contextmanager
def served(roster: As) -> Iterator[str]:
    """`roster serve` as the API's user."""
    command = [sys.executable, "-m", "cli.main", "serve", "--port", "0"]
    environment = {**roster.settings("api"), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        command, cwd=roster.run.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def test_the_server_runs_as_the_api_user(roster: As) -> None:
    """`roster serve` with the API's rights is ready and answers searches."""
    with served(roster) as url:
        for path in ("/readyz", "/v1/profiles/search?q=head+of+engineering+warsaw"):
            with urllib.request.urlopen(url + path, timeout=30) as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    "command",
    [
        ("sources", "add", str(EXAMPLES / "sources" / "crm_contacts.toml")),
        ("ingest", "new.jsonl", "--source", "team_pages"),
        ("reindex",),
        ("index", "rollback", "--yes"),
        ("index", "prune", "--yes"),
    ],
    ids=" ".join,
)
def test_the_api_user_is_refused_every_command_that_writes(roster: As, command: tuple[str, ...]) -> None:
    """What writes contacts or the index says which right is missing and where the roles are; nothing changes."""
    before = roster("operator", "status", "--json").json
    one = FEED.read_text("utf-8").splitlines()[0]
    (roster.run.folder / "new.jsonl").write_text(one.replace("tp-01000", "tp-99999"), "utf-8")
    ran = roster("api", *command)
    assert ran.code == 1
    assert re.search(
        r"^Error: the user lacks (a right|the right [\w:/\[\]*]+) on opensearch\+https://.*deploy/opensearch/roles\.yml", ran.err
    ), ran.err
    after = roster("operator", "status", "--json").json
    assert {name: after[name] for name in ("sources", "records", "profiles")} == {
        name: before[name] for name in ("sources", "records", "profiles")
    }


def test_the_indexer_does_its_work_and_leaves_indices_alone(roster: As) -> None:
    """Ingest again, expire and suppress need no more rights than the indexer's; building and swapping indices is the operator's."""
    for command in (
        ("ingest", str(FEED), "--source", "team_pages"),
        ("expire", "--yes"),
        ("suppress", "--email", "malgorzata.wasilewicz@wiatrowo.test", "--yes"),
    ):
        ran = roster("indexer", *command)
        assert ran.code in (0, 3), f"{command}: {ran.err}"
    refused = roster("indexer", "reindex")
    assert (refused.code, "lacks" in refused.err) == (1, True)


def test_the_operator_builds_swaps_back_and_prunes(roster: As) -> None:
    """`roster reindex`, `index versions`, `rollback` and `prune` work with the operator's rights; previews change nothing."""
    for _ in range(2):
        assert roster("operator", "reindex").code == 0
    kept, used = roster("operator", "index", "versions", "--json").json["versions"][-2:]
    assert (kept["in_use"], used["in_use"]) == (False, True)
    preview = roster("operator", "index", "rollback", "--json")
    assert preview.json == {"applied": False, "from": used["name"], "to": kept["name"]}
    assert roster("operator", "index", "status", "--json").json["in_use"]["name"] == used["name"]
    done = roster("operator", "index", "rollback", "--yes")
    assert done.code == 0, done.err
    status = roster("operator", "index", "status", "--json").json
    assert (status["in_use"]["name"], status["kept"], status["ready"]) == (kept["name"], 1, True)
    assert status["in_use"]["entries"] == roster("api", "status", "--json").json["index"]["documents"]
    assert roster("operator", "index", "prune", "--keep", "0", "--json").json == {"applied": False, "versions": [used["name"]]}
    assert roster("operator", "index", "prune", "--keep", "0", "--yes").code == 0
    assert [version["name"] for version in roster("operator", "index", "versions", "--json").json["versions"]] == [kept["name"]]


def test_a_wrong_password_and_a_wrong_authority_are_said_clearly(roster: As, tmp_path: Path) -> None:
    """Each way not to get in is told apart, says what to look at, and shows no password."""
    secrets, good = roster.secured.secrets, roster.secured.store("api")
    make_secrets(tmp_path / "other", ())
    (tmp_path / "wrong.password").write_text("not-the-password")
    for url, said in (
        (
            good.replace(str(secrets / "api.password"), str(tmp_path / "wrong.password")),
            "refuses the user or the password: check `user` and `password_file`",
        ),
        (good.replace(str(secrets / "ca.pem"), str(tmp_path / "other" / "ca.pem")), "shows a certificate that is not trusted"),
        (good.split("&ca=")[0], "shows a certificate that is not trusted: name the authority's file in the url, ?ca=PATH"),
        (good.replace("+https", "+http"), "cannot be reached: see whether OpenSearch runs there, and whether it is http or https"),
    ):
        ran = roster("api", "status", ROSTER_STORE=url)
        assert ran.code == 1
        assert said in ran.err
        assert "not-the-password" not in ran.err


def test_no_output_shows_a_password(roster: As) -> None:
    """A password in the url itself is left out of what `status` and `index status` show."""
    password = roster.secured.password("api")
    url = re.sub(r"//", f"//roster-api:{password}@", roster.secured.store("api").split("?")[0]) + f"?ca={roster.secured.secrets / 'ca.pem'}"
    for command in (("status",), ("index", "status"), ("status", "--json")):
        ran = roster("api", *command, ROSTER_STORE=url)
        assert ran.code == 0, ran.err
        assert password not in ran.out + ran.err


def test_a_changed_password_is_loaded_into_a_running_cluster(roster: As) -> None:
    """As docs/opensearch.md says: the file removed, made again, and the users loaded with the administrator's certificate."""
    cluster, secrets = roster.secured.cluster, roster.secured.secrets
    old = roster.secured.password("api")
    (secrets / "api.password").unlink()
    assert make_secrets(secrets, ("opensearch-1",)) == ["api.password", "internal_users.yml"]
    assert roster.secured.ask("api", "GET", "/")[0] == 401  # not before it is loaded
    plugin = cluster.home / "plugins" / "opensearch-security"
    path = ":".join(f"{folder}/*" for folder in (plugin, cluster.home / "lib", cluster.home / "modules" / "transport-netty4"))
    tool = [str(cluster.java), "-cp", path, "org.opensearch.security.tools.SecurityAdmin", "-icl", "-h", "127.0.0.1"]
    proof = ["-cacert", secrets / "ca.pem", "-cert", secrets / "admin.pem", "-key", secrets / "admin-key.pem"]
    users = ["-f", secrets / "internal_users.yml", "-t", "internalusers"]
    loaded = subprocess.run([*tool, "-p", str(cluster.nodes[0].port), *proof, *users], capture_output=True, text=True, check=False)
    assert "Done with success" in loaded.stdout, loaded.stdout + loaded.stderr
    assert roster.secured.password("api") != old
    assert roster.secured.ask("api", "GET", "/")[0] == 200
    assert roster("api", "status").code == 0
