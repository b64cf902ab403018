"""What the OpenSearch engine works out by itself: names, versions, urls, and what errors mean."""

from __future__ import annotations

import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opensearchpy import AuthenticationException, AuthorizationException, ConnectionError, ConnectionTimeout, RequestError, TransportError

from engines.base import Collection
from engines.opensearch.address import read_address
from engines.opensearch.documents import decode_version, document_id, encode_version
from engines.opensearch.failures import explain, passes_by_itself
from engines.opensearch.names import Names, VersionName, parse_version
from engines.opensearch.schema import current_schema, make_schema
from mappings.reading import load_mapping, load_released
from profiles.errors import QueryInvalid, RosterError, SettingsInvalid, StoreBusy, StoreError, StoreForbidden, StoreUnavailable

PREFIXES = st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,39}"), fullmatch=True)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(
    lambda day: day.replace(microsecond=day.microsecond // 1000 * 1000, tzinfo=UTC)
)
VERSIONS = st.builds(VersionName, PREFIXES, st.integers(1, 10**6), st.from_regex(r"[0-9a-f]{12}", fullmatch=True), MOMENTS)


@given(VERSIONS)
def test_a_name_read_back_is_the_same(version: VersionName) -> None:
    """The name of a version tells prefix, mapping, fingerprint and time again, and is one OpenSearch takes."""
    assert parse_version(str(version)) == version
    assert str(version) == str(version).lower()
    assert len(str(version)) < 255


@given(VERSIONS, VERSIONS)
def test_versions_of_one_mapping_sort_by_age(one: VersionName, two: VersionName) -> None:
    """Their names do, so that a list of indices shows the newest last."""
    two = VersionName(one.prefix, one.mapping, one.fingerprint, two.made)
    assert (str(one) < str(two)) == (one.made < two.made)


@given(st.one_of(st.text(), st.from_regex(r"[a-z]+-search-v\d-[0-9a-f]{12}-\d{8}-\d{6}-\d{3}", fullmatch=True)))
def test_any_other_text_is_no_version(text: str) -> None:
    """Whatever another index is called, it is not taken for one of ours unless it is exactly that."""
    found = parse_version(text)
    assert found is None or str(found) == text


@given(PREFIXES, PREFIXES)
def test_stores_of_two_prefixes_never_share_a_name(one: str, two: str) -> None:
    """No index, alias or pattern of one store is another's."""
    if one != two:
        names = [{Names(p).documents(c) for c in Collection} | {Names(p).outbox, Names(p).writing} for p in (one, two)]
        assert not names[0] & names[1]
        version = str(VersionName(one, 1, "0" * 12, datetime(2026, 1, 1, tzinfo=UTC)))
        assert Names(two).own_version(version) is None
        assert not version.startswith(Names(two).versions.removesuffix("*"))


@given(st.integers(0, 2**40), st.integers(1, 2**14))
def test_versions_come_back_and_grow(sequence: int, term: int) -> None:
    """Sequence number and term come back out of a version; a later write's version is greater; all fit into OpenSearch's 63 bits."""
    version = encode_version(sequence, term)
    assert decode_version(version) == (sequence, term)
    assert 1 <= version < encode_version(sequence + 1, term) < encode_version(0, term + 1) < 2**63


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=700))
def test_every_key_has_an_id_of_its_own(key: str) -> None:
    """An id is at most 512 bytes long; a short key is its own id, a long one's can be no short key."""
    made = document_id(key)
    assert len(made.encode()) <= 512
    assert made == key if len(key.encode()) < 512 else len(made.encode()) == 512


# --- urls --------------------------------------------------------------------------------------------------------------------------


def test_a_url_says_everything(tmp_path: Path) -> None:
    """Several hosts, user, password file and authority; what is shown tells no secret."""
    (tmp_path / "ca.pem").touch()
    (tmp_path / "password").write_text("s3cret\n")
    found = read_address(
        f"opensearch+https://a.example,b.example:9201,[::1]:9202/roster?user=me&password_file={tmp_path}/password&ca={tmp_path}/ca.pem"
    )
    assert found.hosts == (("a.example", 9200), ("b.example", 9201), ("::1", 9202))
    assert (found.prefix, found.secure, found.user, found.password, found.ca) == ("roster", True, "me", "s3cret", tmp_path / "ca.pem")
    assert found.shown == "opensearch+https://a.example:9200,b.example:9201,[::1]:9202/roster"
    assert "s3cret" not in repr(found)
    inline = read_address("opensearch+http://me:p%40ss@a.example/x")
    assert (inline.user, inline.password, inline.shown) == ("me", "p@ss", "opensearch+http://a.example:9200/x")


@pytest.mark.parametrize(
    "url",
    [
        "opensearch+http://a.example",
        "opensearch+http://a.example/",
        "opensearch+http://a.example/Upper",
        "opensearch+http://a.example/with-hyphen",
        "opensearch+http://a.example/a/b",
        "opensearch+http:///roster",
        "opensearch+http://a.example:99999/roster",
        "opensearch+http://a b/roster",
        "opensearch+http://a.example/roster?colour=red",
        "opensearch+http://a.example/roster?ca=/no/such/file.pem",
        "opensearch+http://a.example/roster?user=me&password_file=/no/such/file",
        "opensearch+http://me@a.example/roster",
        "opensearch+http://:s3cret@a.example/roster",
        "opensearch+http://[a.example/roster",
    ],
)
def test_a_wrong_url_is_refused_with_what_is_right(url: str) -> None:
    """The error names the setting, what is wrong and what would do; never the password."""
    with pytest.raises(SettingsInvalid) as caught:
        read_address(url)
    assert all(problem.pointer == "store" and problem.allowed for problem in caught.value.problems)
    assert "s3cret" not in str(caught.value)


@given(st.text().map(lambda tail: f"opensearch+http://{tail}"))
def test_no_url_breaks_the_reader(url: str) -> None:
    """Any text is read or refused."""
    with suppress(SettingsInvalid):
        assert read_address(url).hosts


# --- errors ------------------------------------------------------------------------------------------------------------------------


def told(kind: str, reason: str) -> str:
    return orjson.dumps({"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}}).decode()


FLOOD = "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];"
MISSING_RIGHT = "no permissions for [indices:data/write/bulk[s], indices:admin/mapping/put] and User [name=api]"


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ConnectionError("N/A", "refused", OSError("refused")), StoreUnavailable, "cannot be reached"),
        (ConnectionError("N/A", "tls", ssl.SSLCertVerificationError("bad")), StoreUnavailable, "certificate"),
        (ConnectionTimeout("TIMEOUT", "slow", TimeoutError()), StoreUnavailable, "in time"),
        (AuthenticationException(401, "Unauthorized", None), StoreUnavailable, "password"),
        (
            AuthorizationException(403, told("security_exception", MISSING_RIGHT), None),
            StoreForbidden,
            "the right indices:data/write/bulk[s] on",
        ),
        (TransportError(429, told("cluster_block_exception", FLOOD), None), StoreUnavailable, "disk"),
        (
            AuthorizationException(403, told("cluster_block_exception", "blocked by: [FORBIDDEN/8/index write (api)];"), None),
            StoreUnavailable,
            "read-only",
        ),
        (TransportError(429, told("rejected_execution_exception", "queue full"), None), StoreBusy, "more to do"),
        (TransportError(503, told("cluster_manager_not_discovered_exception", ""), None), StoreUnavailable, "not ready"),
        (TransportError(404, told("no_shard_available_action_exception", "No shard [jane]"), None), StoreUnavailable, "not ready"),
        (RequestError(400, told("mapper_parsing_exception", "failed to parse jane@firm.example"), None), StoreError, "mapper_parsing"),
        (TransportError(500, "not json", None), StoreError, "500"),
        (TransportError(500, told("search_phase_execution_exception", "jane: maxClauseCount is set to 1024"), None), QueryInvalid, "fewer"),
    ],
)
def test_an_error_says_what_to_do_and_repeats_no_document(error: TransportError, kind: type[RosterError], words: str) -> None:
    """Each of the cluster's troubles has its own text; the server's reason, which may quote a document, is not in it."""
    made = explain(error, "opensearch+http://a.example/x")
    assert type(made) is kind
    assert words in str(made)
    assert "jane" not in str(made)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ConnectionError("N/A", "refused", OSError("refused")), True),
        (ConnectionTimeout("TIMEOUT", "slow", TimeoutError()), True),
        (TransportError(503, "x", None), True),
        (TransportError(404, told("no_shard_available_action_exception", "No shard available for [get]"), None), True),
        (TransportError(404, told("index_not_found_exception", "no such index [x]"), None), False),
        (TransportError(429, told("rejected_execution_exception", ""), None), True),
        (TransportError(429, told("cluster_block_exception", FLOOD), None), False),
        (ConnectionError("N/A", "tls", ssl.SSLCertVerificationError("bad")), False),
        (AuthorizationException(403, "x", None), False),
        (ValueError("ours"), False),
    ],
)
def test_only_what_passes_by_itself_is_tried_again(error: Exception, again: bool) -> None:
    """A node on its way up is waited for; a full disk, a wrong certificate or a missing right is said at once."""
    assert passes_by_itself(error) is again


# --- mapping -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", sorted(load_released()))
def test_an_index_is_made_as_the_mapping_says(version: int) -> None:
    """Fields and analyzers of the mapping file go into the index as they stand, beside one that is stored and not looked into; unknown
    fields are refused; it says what built it.
    """
    mapping = load_mapping(version)
    body = make_schema(mapping).body(filling=False)
    assert body["mappings"]["properties"] == mapping["mappings"]["properties"] | {"brief": {"type": "object", "enabled": False}}
    assert body["settings"]["analysis"] == mapping["settings"]["analysis"]
    assert body["mappings"]["dynamic"] == "strict"
    assert set(body["mappings"]["_meta"]) >= {"mapping_version", "mapping_fingerprint", "normaliser_version", "document_version"}


def test_another_mapping_has_another_fingerprint() -> None:
    """Whoever changes the mapping gets an index of another name, which the running servers do not mistake for theirs."""
    changed: dict[str, Any] = load_mapping()
    changed["mappings"]["properties"]["nickname"] = {"type": "keyword"}
    assert make_schema(changed).fingerprint != current_schema().fingerprint
