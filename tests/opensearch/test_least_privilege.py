"""The roles of deploy/opensearch on a real, secured node: each user can do its work and nothing beside it."""

from __future__ import annotations

import json
import ssl
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from deploy.make_secrets import make_secrets
from engines.base import CONTACTS, SERVICE
from engines.opensearch.names import Names
from tests.opensearch.asking import ask, tls
from tests.opensearch.conftest import PREFIX, Secured

NAMES = Names(PREFIX)
VERSION = f"{PREFIX}-search-v1-0123456789ab-20261123-120000-000"
CONTACT_INDICES = sorted([*map(NAMES.documents, CONTACTS), NAMES.outbox, VERSION])
SERVICE_INDICES = sorted(map(NAMES.documents, SERVICE))
READ_ALIAS = NAMES.reading("0123456789ab")

DOC = {"key": "changed"}
ALL: dict[str, Any] = {"query": {"match_all": {}}}
EVERY_WAY_TO_WRITE: list[tuple[str, str, Any]] = [
    ("PUT", "/{index}/_doc/1", DOC),
    ("POST", "/{index}/_doc", DOC),
    ("PUT", "/{index}/_doc/1?op_type=create", DOC),
    ("PUT", "/{index}/_create/2", DOC),
    ("POST", "/{index}/_update/1", {"doc": DOC, "doc_as_upsert": True}),
    ("POST", "/{index}/_update/1", {"script": "ctx._source.key = 'changed'"}),
    ("DELETE", "/{index}/_doc/1", None),
    ("POST", "/{index}/_update_by_query", {"script": "ctx._source.key = 'changed'", **ALL}),
    ("POST", "/{index}/_delete_by_query", ALL),
    ("PUT", "/%3C{index}%3E/_doc/1", DOC),  # a name that has to be worked out first
    ("POST", "/roster-hidden,{index}/_delete_by_query", ALL),  # beside one that may be written
    ("POST", "/roster-*/_delete_by_query", ALL),
    ("POST", "/_all/_delete_by_query", ALL),
    ("POST", "/_reindex", {"source": {"index": "roster-hidden"}, "dest": {"index": "{index}"}}),
    ("POST", "/_reindex", {"source": {"index": "{index}"}, "dest": {"index": "roster-new"}}),
    ("POST", "/_aliases", {"actions": [{"add": {"index": "{index}", "alias": "roster-hidden-too", "is_write_index": True}}]}),
    ("POST", "/_aliases", {"actions": [{"remove_index": {"index": "{index}"}}]}),
    ("PUT", "/{index}/_alias/roster-hidden-too", None),
    ("DELETE", "/{index}", None),
    ("DELETE", "/roster-*", None),
    ("POST", "/{index}/_close", None),
    ("PUT", "/{index}/_settings", {"index.blocks.write": True}),
    ("PUT", "/{index}/_block/write", None),
    ("PUT", "/{index}/_mapping", {"properties": {"more": {"type": "keyword"}}}),
    ("PUT", "/{index}/_clone/roster-hidden-too", None),
    ("POST", "/{index}/_split/roster-hidden-too", {"settings": {"index.number_of_shards": 2}}),
    ("POST", "/{index}/_forcemerge", None),
    ("PUT", "/roster-new", None),
    ("PUT", "/_index_template/roster", {"index_patterns": ["roster-*"]}),
    ("PUT", "/_ingest/pipeline/roster", {"processors": [{"set": {"field": "_index", "value": "{index}"}}]}),
    ("PUT", "/_scripts/roster", {"script": {"lang": "painless", "source": "1"}}),
    ("PUT", "/_search/pipeline/roster", {"request_processors": []}),
    ("PUT", "/_snapshot/roster", {"type": "fs", "settings": {"location": "/tmp"}}),
    ("PUT", "/_cluster/settings", {"transient": {"action.destructive_requires_name": False}}),
    ("POST", "/_cluster/reroute", {}),
    ("PUT", "/_plugins/_security/api/roles/roster_api", {"cluster_permissions": ["*"]}),
    ("PUT", "/_plugins/_security/api/rolesmapping/all_access", {"users": ["roster-api"]}),
    (
        "PUT",
        "/_plugins/_security/api/internalusers/other",
        {"password": "a-long-Enough-one-1", "opendistro_security_roles": ["all_access"]},
    ),
    ("PUT", "/.opendistro_security/_doc/roles", DOC),
]
BULK_PATHS = ("/_bulk", "/{index}/_bulk", "/roster-hidden/_bulk")
BULK_ACTIONS: dict[str, Any] = {"index": DOC, "create": DOC, "update": {"doc": DOC}, "delete": None}


def filled(template: Any, index: str) -> Any:
    """A request's path or body for this index."""
    return json.loads(json.dumps(template).replace("{index}", index))


def everything(secured: Secured) -> Any:
    """All documents with their versions, all indices with aliases, mappings and settings, all users and roles: as the administrator."""
    request = secured.cluster.request
    request("POST", "/_refresh")
    hits = request("POST", "/roster*/_search", {"size": 1000, "seq_no_primary_term": True, "sort": ["_index", "_id"], "_source": True})
    security = [request("GET", f"/_plugins/_security/api/{part}") for part in ("roles", "rolesmapping", "internalusers")]
    return hits["hits"]["hits"], request("GET", "/_all"), request("GET", "/_cluster/settings"), security


@pytest.fixture(scope="module", autouse=True)
def _indices(secured: Secured) -> None:
    """One document in each index of a store."""
    for index in [*CONTACT_INDICES, *SERVICE_INDICES]:
        body: dict[str, Any] = {"mappings": {"properties": {"key": {"type": "keyword"}}}}
        if index == VERSION:
            body["aliases"] = {READ_ALIAS: {}, NAMES.writing: {}}
        secured.cluster.request("PUT", f"/{index}", body)
        secured.cluster.request("PUT", f"/{index}/_doc/1?refresh=true", {"key": "first"})


def test_the_api_user_cannot_write_one_contact_by_any_route(secured: Secured) -> None:
    """Whatever the HTTP process is made to send, no contact document, index, alias, role or setting changes: each route is refused."""
    before = everything(secured)
    routes = [
        (method, filled(path, index), filled(body, index))
        for index in [*CONTACT_INDICES, NAMES.writing]
        for method, path, body in EVERY_WAY_TO_WRITE
    ]
    got_through = {
        f"{method} {path}": status
        for method, path, body in routes
        if (status := secured.ask("api", method, path, body)[0]) not in (403, 405)
    }
    assert not got_through
    assert everything(secured) == before


def test_nor_within_a_bulk(secured: Secured) -> None:
    """A bulk that may write what serving writes is refused for each contact document in it, and for that one alone."""
    before = everything(secured)
    for index in [*CONTACT_INDICES, NAMES.writing]:
        for path in BULK_PATHS:
            for action, body in BULK_ACTIONS.items():
                lines = [{action: {"_index": index, "_id": "1"}}, *([body] if body else [])]
                status, answer = secured.ask("api", "POST", filled(path, index), "".join(json.dumps(line) + "\n" for line in lines))
                refused = status == 403 or [item[action]["status"] for item in answer["items"]] == [403]
                assert refused, f"{action} through {path}: {answer}"
    assert everything(secured) == before


def test_the_api_user_can_do_its_work(secured: Secured) -> None:
    """Serving reads documents as they are now, searches by alias, pages by a point in time, suggests, and writes what serving writes."""
    for index in [*CONTACT_INDICES, *SERVICE_INDICES, READ_ALIAS]:
        for method, path, body in (
            ("GET", "/{index}/_doc/1", None),
            ("POST", "/{index}/_mget", {"ids": ["1"]}),
            ("POST", "/{index}/_search", ALL),
            ("POST", "/{index}/_count", ALL),
            ("POST", "/{index}/_refresh", None),
            ("GET", "/{index}/_mapping", None),
        ):
            if (path.endswith("/1") or "_mget" in path) and index == READ_ALIAS:
                continue
            status, answer = secured.ask("api", method, filled(path, index), body)
            assert status == 200, f"{method} {path} on {index}: {answer}"
    status, moment = secured.ask("api", "POST", f"/{READ_ALIAS}/_search/point_in_time?keep_alive=1m")
    assert status == 200, moment
    status, answer = secured.ask("api", "POST", "/_search", {"pit": {"id": moment["pit_id"]}, **ALL})
    assert (status, answer["hits"]["total"]["value"]) == (200, 1)
    assert secured.ask("api", "DELETE", "/_search/point_in_time", {"pit_id": [moment["pit_id"]]})[0] == 200
    for index in SERVICE_INDICES:
        assert secured.ask("api", "PUT", f"/{index}/_doc/2", DOC)[0] == 200
        assert secured.ask("api", "DELETE", f"/{index}/_doc/2")[0] == 200
    assert secured.ask("api", "GET", "/")[0] == 200
    assert secured.ask("api", "GET", "/_cluster/health")[0] == 200


def test_the_indexer_writes_documents_and_no_index(secured: Secured) -> None:
    """An ingest writes every collection and the search index, and cannot make, publish or delete an index, nor touch a role."""
    for index in [*CONTACT_INDICES, *SERVICE_INDICES, NAMES.writing]:
        lines = [{"index": {"_index": index, "_id": "2"}}, DOC, {"delete": {"_index": index, "_id": "2"}}]
        status, answer = secured.ask("indexer", "POST", "/_bulk", "".join(json.dumps(line) + "\n" for line in lines))
        assert (status, answer["errors"]) == (200, False), answer
    for method, path, body in (
        ("PUT", "/roster-new", None),
        ("DELETE", f"/{VERSION}", None),
        ("POST", "/_aliases", {"actions": [{"remove": {"index": VERSION, "alias": READ_ALIAS}}]}),
        ("PUT", f"/{VERSION}/_settings", {"index.refresh_interval": "-1"}),
        ("PUT", "/other-index/_doc/1", DOC),
        ("GET", "/_plugins/_security/api/internalusers", None),
    ):
        assert secured.ask("indexer", method, path, body)[0] == 403, path


def test_the_operator_has_the_whole_life_of_an_index_and_no_more(secured: Secured) -> None:
    """Creating, filling, publishing by one swap, pruning and watching work; other people's indices, users and roles are out of reach."""
    new = VERSION.replace("120000", "130000")
    for method, path, body in (
        ("PUT", f"/{new}", {"settings": {"number_of_replicas": 0, "refresh_interval": "-1"}}),
        ("POST", "/_reindex?wait_for_completion=false", {"source": {"index": VERSION}, "dest": {"index": new}}),
        ("GET", "/_tasks?actions=*reindex", None),
        ("PUT", f"/{new}/_settings", {"index.refresh_interval": "1s"}),
        (
            "POST",
            "/_aliases",
            {"actions": [{"add": {"index": new, "alias": READ_ALIAS}}, {"remove": {"index": VERSION, "alias": READ_ALIAS}}]},
        ),
        ("GET", "/roster-search-*/_alias", None),
        ("GET", "/roster-*/_stats", None),
        ("GET", "/_cluster/health/roster-*", None),
        ("GET", "/_cat/indices/roster-*?format=json", None),
        (
            "POST",
            "/_aliases",
            {"actions": [{"add": {"index": VERSION, "alias": READ_ALIAS}}, {"remove": {"index": new, "alias": READ_ALIAS}}]},
        ),
        ("DELETE", f"/{new}", None),
    ):
        status, answer = secured.ask("operator", method, path, body)
        assert status == 200, f"{method} {path}: {answer}"
    for method, path in (("PUT", "/other-index"), ("GET", "/_plugins/_security/api/roles"), ("GET", "/.opendistro_security/_search")):
        assert secured.ask("operator", method, path)[0] == 403, path


def test_only_who_shows_a_password_gets_in(secured: Secured) -> None:
    """No name, a wrong password and plain http are turned away; no user of the server's own is left."""
    trusted = tls(secured.secrets / "ca.pem")
    for user in (None, ("roster-api", "wrong"), ("admin", "admin"), ("kibanaserver", "kibanaserver")):
        with pytest.raises(HTTPError) as refused:
            ask(secured.cluster.url + "/", user=user, context=trusted)
        with refused.value:
            assert refused.value.code == 401
    with pytest.raises(OSError, match=r"."):
        ask(secured.cluster.url.replace("https", "http") + "/", seconds=5)


def test_another_authority_is_refused(secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A server that shows a certificate of another authority is not spoken to; neither is one where no authority is named."""
    other = tmp_path_factory.mktemp("other")
    make_secrets(other, ())
    for context in (tls(other / "ca.pem"), ssl.create_default_context()):
        with pytest.raises(URLError) as refused:
            ask(secured.cluster.url + "/", user=("roster-api", secured.password("api")), context=context)
        assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)
