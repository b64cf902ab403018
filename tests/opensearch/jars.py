"""Which jars an OpenSearch node is made of, and how they come from Maven Central to a folder it can start from.

The lists `jars-*.txt` name every file with its SHA-256, as requirements.lock does for Python: a start fetches what the cache lacks and
nothing else, eight files at a time, and refuses a file that is not the one listed. relock.py writes the lists.

The cache is `roster/opensearch` in the user's cache folder (XDG_CACHE_HOME, else ~/.cache): the jars as Maven lays them out, and one
ready home folder (lib, modules, plugins) for each list.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.8.0"
SECURED_VERSION = "3.4.0"  # the newest whose security plugin is on Maven Central

SERVER, MODULE, PLUGIN = "lib", "modules/", "plugins/"  # places in the home folder
TRIES = 4  # of one file: a connection cut in the middle of a download is common, four in a row are not
AT_ONCE = 8


class JarsMissing(Exception):
    """A jar could not be had, or is not the one listed."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One file. place: folder in the home; coordinate: group:artifact:version:packaging:classifier; class_name: a module's entry."""

    place: str
    coordinate: str
    sha256: str
    class_name: str = ""


def list_of(secured: bool) -> Path:
    """The list of one kind of node."""
    return Path(__file__).parent / f"jars-{SECURED_VERSION if secured else VERSION}.txt"


def read_list(path: Path) -> list[Jar]:
    """The jars of a list."""
    return [Jar(*line.split()) for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def write_list(path: Path, jars: Iterable[Jar]) -> None:
    """Write a list, one jar a line."""
    lines = [" ".join(filter(None, (jar.place, jar.coordinate, jar.sha256, jar.class_name))) for jar in jars]
    head = "# Written by `python -m tests.opensearch.relock`: place, coordinate, SHA-256, a module's class."
    path.write_text("\n".join([head, *lines, ""]))


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> Path:
    """Where jars and homes are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "roster" / "opensearch"


def server_home(secured: bool, cache: Path | None = None) -> Path:
    """A folder a node can start from, made when the cache has none. Raises JarsMissing saying which file and why."""
    cache = cache or cache_folder()
    path = list_of(secured)
    home = cache / f"home-{path.stem.removeprefix('jars-')}-{digest(path)[:12]}"
    if home.is_dir():
        return home
    cache.mkdir(parents=True, exist_ok=True)
    jars = read_list(path)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        files = list(pool.map(lambda jar: fetched(jar, cache / "maven"), jars))
    building = Path(tempfile.mkdtemp(dir=cache, prefix="building-"))
    try:
        lay_out(building, zip(jars, files, strict=True), SECURED_VERSION if secured else VERSION)
        building.rename(home)  # whole or not at all; another process may have been faster
    except OSError:
        if not home.is_dir():
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return home


def fetched(jar: Jar, repository: Path) -> Path:
    """The file of a jar, downloaded when the cache lacks it. Raises JarsMissing."""
    from jgo.maven import MavenContext

    group, name, version, packaging, classifier = jar.coordinate.split(":")
    context = MavenContext(repo_cache=repository, timeout=60)
    artifact = context.project(group, name).at_version(version).artifact(classifier, packaging)
    wrong = ""
    for attempt in range(TRIES):
        try:
            path = artifact.resolve()
            if digest(path) == jar.sha256:
                return path
            wrong = "is not the file listed"
            path.unlink()
        except Exception as error:  # jgo passes on whatever its HTTP client raises
            wrong = f"{type(error).__name__}: {error}"
        if attempt + 1 < TRIES:
            time.sleep(2**attempt)  # 1, 2, 4 s: long enough for a registry's hiccup
    raise JarsMissing(f"{jar.coordinate}: {wrong}")


def lay_out(home: Path, jars: Iterable[tuple[Jar, Path]], version: str) -> None:
    """Put every jar in its place and write the descriptors that the modules' jars do not carry."""
    for name in ("bin", "config", "data", "lib", "logs", "modules", "plugins"):  # the server's check wants them all
        (home / name).mkdir()
    for jar, path in jars:
        folder = home / jar.place
        folder.mkdir(exist_ok=True)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)
            unextend(folder / "plugin-descriptor.properties")
        else:
            shutil.copyfile(path, folder / path.name)
        if jar.class_name:
            describe(folder, version, jar.class_name)
    for path in [home, *home.rglob("*")]:  # as root the server runs as another user, who must read all of it
        path.chmod(0o755 if path.is_dir() else 0o644)


def describe(folder: Path, version: str, class_name: str) -> None:
    """A module's descriptor."""
    lines = {
        "name": folder.name,
        "description": folder.name,
        "version": version,
        "opensearch.version": version,
        "java.version": "21",
        "classname": class_name,
        "extended.plugins": "",
        "has.native.controller": "false",
    }
    (folder / "plugin-descriptor.properties").write_text("".join(f"{key}={value}\n" for key, value in lines.items()))


def unextend(descriptor: Path) -> None:
    """Let a plugin stand alone: the one it extends (optionally) is not there."""
    kept = [line for line in descriptor.read_text().splitlines() if not line.startswith("extended.plugins")]
    descriptor.write_text("\n".join([*kept, "extended.plugins=", ""]))
