"""The roles of deploy/opensearch on a real, secured node: each user can do its work and nothing beside it."""

from __future__ import annotations

import json
import ssl
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote

import pytest

from deploy.make_secrets import make_secrets
from engines.base import CONTACTS, SERVICE
from engines.opensearch.names import Names
from engines.opensearch.schema import current_schema
from tests.opensearch.asking import ask, tls
from tests.opensearch.conftest import PREFIX, As, Secured

pytestmark = pytest.mark.xdist_group("clusters")  # one after the other: each takes half the memory and time of the machine

NAMES = Names(PREFIX)
CONTACT_INDICES = sorted([*map(NAMES.documents, CONTACTS), NAMES.outbox])
SERVICE_INDICES = sorted(map(NAMES.documents, SERVICE))
READ_ALIAS = NAMES.reading(current_schema().fingerprint)

DOC = {"key": "changed"}
ALL: dict[str, Any] = {"query": {"match_all": {}}}
EVERY_WAY_TO_WRITE: list[tuple[str, str, Any]] = [
    ("PUT", "/{index}/_doc/{id}", DOC),
    ("POST", "/{index}/_doc", DOC),
    ("PUT", "/{index}/_doc/{id}?op_type=create", DOC),
    ("PUT", "/{index}/_create/2", DOC),
    ("POST", "/{index}/_update/{id}", {"doc": DOC, "doc_as_upsert": True}),
    ("POST", "/{index}/_update/{id}", {"script": "ctx._source.key = 'changed'"}),
    ("DELETE", "/{index}/_doc/{id}", None),
    ("POST", "/{index}/_update_by_query", {"script": "ctx._source.key = 'changed'", **ALL}),
    ("POST", "/{index}/_delete_by_query", ALL),
    ("PUT", "/%3C{index}%3E/_doc/{id}", DOC),  # a name that has to be worked out first
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


def filled(template: Any, index: str, document: str = "1") -> Any:
    """A request's path or body for this index and one of its documents."""
    return json.loads(json.dumps(template).replace("{index}", index).replace("{id}", document))


@pytest.fixture(scope="module")
def version(roster: As) -> str:
    """The version of the search index in use."""
    name: str = roster("operator", "index", "status", "--json").json["in_use"]["name"]
    return name


@pytest.fixture(scope="module")
def targets(roster: As, version: str) -> dict[str, str]:
    """Every index and alias of contacts with the id of a document in it."""
    targets = {}
    roster.secured.cluster.request("POST", "/_refresh")
    for name in (*CONTACT_INDICES, version, READ_ALIAS, NAMES.writing):
        hits = roster.secured.cluster.request("GET", f"/{name}/_search?size=1&_source=false")["hits"]["hits"]
        targets[name] = quote(hits[0]["_id"], safe="") if hits else "1"
    assert sum(document != "1" for document in targets.values()) >= 7
    return targets


def everything(secured: Secured) -> Any:
    """How often each index was ever written, every index with aliases, mappings and settings, all users and roles: as the administrator."""
    request = secured.cluster.request
    shards = request("GET", "/_stats?level=shards")["indices"]
    written = {name: [(copy["docs"], copy["seq_no"]["max_seq_no"]) for copy in told["shards"]["0"]] for name, told in shards.items()}
    security = [request("GET", f"/_plugins/_security/api/{part}") for part in ("roles", "rolesmapping", "internalusers")]
    return written, request("GET", "/_all"), request("GET", "/_cluster/settings"), security


def test_the_api_user_cannot_write_one_contact_by_any_route(secured: Secured, targets: dict[str, str]) -> None:
    """Whatever the HTTP process is made to send, no contact document, index, alias, role or setting changes: each route is refused."""
    before = everything(secured)
    routes = [
        (method, filled(path, index, document), filled(body, index, document))
        for index, document in targets.items()
        for method, path, body in EVERY_WAY_TO_WRITE
    ]
    answers = {f"{method} {path}": secured.ask("api", method, path, body)[0] for method, path, body in routes}
    got_through = {request: status for request, status in answers.items() if status not in (403, 405)}
    assert not got_through
    assert everything(secured) == before


def test_nor_within_a_bulk(secured: Secured, targets: dict[str, str]) -> None:
    """A bulk that may write what serving writes is refused for each contact document in it, and for that one alone."""
    before = everything(secured)
    for index, document in targets.items():
        for path in BULK_PATHS:
            for action, body in BULK_ACTIONS.items():
                lines = [{action: {"_index": index, "_id": unquote(document)}}, *([body] if body else [])]
                status, answer = secured.ask("api", "POST", filled(path, index), "".join(json.dumps(line) + "\n" for line in lines))
                refused = status == 403 or [item[action]["status"] for item in answer["items"]] == [403]
                assert refused, f"{action} through {path}: {answer}"
    assert everything(secured) == before


def test_the_api_user_can_do_its_work(secured: Secured, targets: dict[str, str]) -> None:
    """Serving reads documents as they are now, searches by alias, pages by a point in time, and writes what serving writes."""
    for index, document in {**targets, **dict.fromkeys(SERVICE_INDICES, "1")}.items():
        for method, path, body in (
            ("POST", "/{index}/_mget", {"ids": ["{id}"]}),
            ("POST", "/{index}/_search", ALL),
            ("POST", "/{index}/_count", ALL),
            ("POST", "/{index}/_refresh", None),
            ("GET", "/{index}/_mapping", None),
        ):
            status, answer = secured.ask("api", method, filled(path, index), filled(body, index, document))
            assert status == 200, f"{method} {path} on {index}: {answer}"
    status, moment = secured.ask("api", "POST", f"/{READ_ALIAS}/_search/point_in_time?keep_alive=1m")
    assert status == 200, moment
    status, answer = secured.ask("api", "POST", "/_search", {"pit": {"id": moment["pit_id"]}, **ALL})
    assert status == 200
    assert answer["hits"]["total"]["value"] > 100
    assert secured.ask("api", "DELETE", "/_search/point_in_time", {"pit_id": [moment["pit_id"]]})[0] == 200
    status, answer = secured.ask("api", "POST", f"/{READ_ALIAS}/_msearch", f"{{}}\n{json.dumps(ALL)}\n" * 2)
    assert status == 200, answer
    assert [each["status"] for each in answer["responses"]] == [200, 200]
    for index in SERVICE_INDICES:
        assert secured.ask("api", "PUT", f"/{index}/_doc/other", DOC)[0] == 200
        assert secured.ask("api", "DELETE", f"/{index}/_doc/other")[0] == 200
    assert secured.ask("api", "GET", "/")[0] == 200


def test_the_indexer_makes_publishes_and_deletes_no_index(secured: Secured, version: str) -> None:
    """What an ingest runs with cannot touch an index, an alias, a setting, a role, or what is not roster's."""
    before = everything(secured)
    for method, path, body in (
        ("PUT", "/roster-new", None),
        ("DELETE", f"/{version}", None),
        ("POST", "/_aliases", {"actions": [{"remove": {"index": version, "alias": READ_ALIAS}}]}),
        ("PUT", f"/{version}/_settings", {"index.refresh_interval": "-1"}),
        ("PUT", "/other-index/_doc/1", DOC),
        ("GET", "/_plugins/_security/api/internalusers", None),
    ):
        assert secured.ask("indexer", method, path, body)[0] == 403, path
    assert everything(secured) == before


def test_the_operator_has_no_more_than_the_indices_of_roster(secured: Secured, version: str) -> None:
    """Watching a rebuild and the cluster works; other people's indices, users and roles are out of reach."""
    for path in ("/_tasks?actions=*reindex", f"/{version}/_stats", "/_cluster/health/roster-*", "/_cat/indices/roster-*?format=json"):
        assert secured.ask("operator", "GET", path)[0] == 200, path
    for method, path in (
        ("PUT", "/other-index"),
        ("GET", "/_plugins/_security/api/roles"),
        ("GET", "/.opendistro_security/_search"),
        ("POST", "/_cluster/reroute"),
        ("PUT", "/_snapshot/roster"),
    ):
        body = {"type": "fs", "settings": {"location": "/tmp"}} if "snapshot" in path else None
        assert secured.ask("operator", method, path, body)[0] == 403, path


def test_only_who_shows_a_password_gets_in(secured: Secured) -> None:
    """No name, a wrong password and plain http are turned away; no user of the server's own is left; its health is open to all."""
    trusted = tls(secured.secrets / "ca.pem")
    assert ask(secured.cluster.url + "/_plugins/_security/health", context=trusted)["status"] == "UP"
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
