"""No personal data in any log line or error: marked values go in everywhere, and nothing that is said beside the answers repeats one.

Answers to successful searches and the rejects file are where the data may be; everything else is searched for the marks here:
standard error of every command, the server's log, the body and headers of every HTTP error, and what commands that do not search print.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests
from peopledatalabs import PDLPY

from tests.cli.running import ROOT, Ran, Roster

WORD = "Qvexmark"  # in every text; no name, and no fold, translation or hash makes it of anything else
DIGITS = "2025550147"  # in every phone number, however it is written
EMAIL = f"{WORD}.Person@{WORD}.example"
PHONE = "+1 202-555-0147"

SOURCE = """
id = "marked"
name = "Marked feed (invented)"
kind = "public"
country = "US"
legal_basis = "legitimate interests"
purposes = ["tests"]
balancing_test = "LIA-T"

[licence]
evidence = "terms"

[feed]
format = "FORMAT"

[fields]
record_id = "id"
collected_at = "collected"
valid_until = "until"
url = "url"
visibility = "visibility"
country = "country"
name = "name"
other_names = "aliases"
emails = "emails[].{value: value, visibility: visibility}"
phones = "phones"
jobs = "jobs[].{title: title, company: company, domain: domain, started: from, current: current, location: place}"
locations = "places"
skills = "skills"
links = "links[].{network: network, handle: handle, url: url}"
"""

GOOD = {
    "id": f"{WORD}-1",
    "collected": "2026-01-02",
    "url": f"https://{WORD}.example/people",
    "visibility": "everyone",
    "name": f"Jane {WORD}",
    "aliases": [f"J. {WORD}son"],
    "emails": [{"value": EMAIL}],
    "phones": [PHONE],
    "jobs": [{"title": f"Head of {WORD}", "company": f"{WORD} Ltd", "domain": f"{WORD}.example", "place": f"{WORD}ville", "current": True}],
    "places": [f"{WORD}town", "Boston, MA"],
    "skills": [WORD],
    "links": [{"network": "linkedin", "handle": WORD}],
}
ODD = [
    {"emails": [{"value": f"{WORD} at nowhere"}, {"value": f"{WORD}@@x.example"}, {"value": EMAIL, "visibility": f"{WORD} only"}]},
    {"phones": [f"{DIGITS}{DIGITS}", f"{WORD} 12", f"0000{DIGITS}x{WORD}", {WORD: DIGITS}]},
    {
        "links": [
            {"network": WORD, "handle": f"{WORD} {WORD}"},
            {"network": "x", "handle": f"{WORD} no handle"},
            {"url": f"{WORD}://[{WORD}"},
        ]
    },
    {"jobs": [{"title": WORD * 900, "company": WORD * 900, "domain": f"{WORD}..", "from": f"{WORD}-13", "current": WORD}]},
    {"jobs": WORD, "places": [{WORD: WORD}, WORD * 900], "skills": [WORD * 900, {WORD: 1}, [WORD]]},
    {"collected": WORD, "until": f"2026-13-{WORD}", "url": f"{WORD} {DIGITS}", "country": WORD},
    {"name": f"{WORD}@{WORD}.example"},
    {"name": f"{WORD} " * 900},
    {"name": {"given": WORD, WORD: WORD}, "aliases": {WORD: WORD}},
    {"name": ""},
    {"visibility": WORD},
    {"visibility": {"only": WORD}},
    {"id": None},
    {"id": WORD * 900},
    {"id": {WORD: WORD}},
]
BROKEN = [f'{{"id": "{WORD}", "name": ', f'"{WORD}"', f"{WORD} {DIGITS}", f'["{WORD}"]', f'{{"{WORD}": NaN}}', f'{{"id": "{WORD}\\ud800"}}']


def jsonl_feed() -> str:
    """One good record, each way of being wrong, and lines that are no records."""
    records = [GOOD, *({**GOOD, "id": f"{WORD}-{at}", **odd} for at, odd in enumerate(ODD, start=2))]
    return "\n".join([*(json.dumps(record) for record in records), *BROKEN, ""])


def csv_feed() -> str:
    """Rows of a wrong length and with broken quotes, below a header that is marked too."""
    return f'id,name,{WORD}\n{WORD}-c1,Jane {WORD},x\n{WORD}-c2\n{WORD}-c3,"{WORD}" {WORD},"{WORD}\n'


def clean(what: str, *said: str) -> None:
    """Fails when anything said holds a mark, in whatever case or notation."""
    for text in said:
        found = WORD.casefold() in text.casefold() or DIGITS in re.sub(r"\D", "", re.sub(r"request_id\S*", "", text))
        assert not found, f"{what} lets out: {text[:2000]}"


def quiet(ran: Ran, *codes: int, what: str) -> None:
    """A command that ended as it should and said nothing of anybody."""
    assert ran.code in codes, f"{what}: {ran.code} {ran.err}"
    clean(what, ran.out, ran.err)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    """A store whose one source is registered, and the marked feeds beside it."""
    roster = Roster(tmp_path_factory.mktemp("marked"))
    for kind, feed in (("jsonl", jsonl_feed()), ("csv", csv_feed())):
        (roster.folder / f"{kind}.toml").write_text(SOURCE.replace('"marked"', f'"{kind}"', 1).replace("FORMAT", kind), "utf-8")
        (roster.folder / f"feed.{kind}").write_text(feed, "utf-8")
        quiet(roster("sources", "add", f"{kind}.toml"), 0, what=f"sources add {kind}")
    quiet(roster("ingest", "feed.jsonl", "--source", "jsonl"), 3, what="ingest")
    return roster


def test_ingest_says_how_many_and_never_who(marked: Roster) -> None:
    """Whatever a feed's rows hold, an ingest prints counts and reasons; what was refused is in the rejects file, where it was asked for."""
    assert marked("search", WORD, "--json").json["total"] >= 1, "the marks must be in the store for this to mean anything"
    quiet(marked("ingest", "feed.jsonl", "--source", "jsonl", "--rejects", "rejects.jsonl"), 3, what="ingest with rejects")
    quiet(marked("ingest", "feed.jsonl", "--source", "jsonl", "--dry-run", "--json"), 3, what="dry run")
    quiet(marked("ingest", "-", "--source", "jsonl", text=jsonl_feed()), 3, what="ingest from standard input")
    quiet(marked("ingest", "feed.csv", "--source", "csv"), 3, what="ingest of CSV")
    quiet(marked("ingest", "feed.jsonl", "--source", "csv"), 3, what="ingest through the wrong source")
    quiet(marked("ingest", "feed.jsonl", "--source", WORD), 1, what="ingest through an unknown source")
    rejects = [json.loads(line) for line in (marked.folder / "rejects.jsonl").read_text("utf-8").splitlines()]
    assert len(rejects) >= len(ODD)
    for reject in rejects:  # the record is kept so that it can be mended; the reasons beside it quote nothing
        clean("a reason", reject["field"], reject["reason"], reject.get("allowed", ""))


def test_no_command_repeats_whom_it_was_asked_about(marked: Roster) -> None:
    """Wrong use and failures name the field and the rule, never the value: shells and cron jobs keep what is printed."""
    for arguments, *codes in (
        (["status"], 0),
        (["status", "--json"], 0),
        (["sources", "list"], 0),
        (["sources", "show", WORD], 1),
        (["sources", "disable", WORD], 1),
        (["expire"], 0),
        (["expire", "--yes"], 0),
        (["reindex"], 0),
        (["show", WORD], 1),
        (["show", WORD, DIGITS], 2),
        (["search", f"{WORD} {DIGITS} " * 100], 2),
        (["search", WORD, "--size", "-1"], 2),
        (["search", "--size", WORD], 2),
        (["search", WORD, "--cursor", WORD], 2),
        (["search", "--title", WORD * 100], 2),
        (["suppress", "--email", f"{WORD} at nowhere"], 1, 2),
        (["suppress", "--email", EMAIL, "--phone", PHONE], 2),
        (["suppress", EMAIL], 2),
        (["suppress", "--phone", f"{WORD}{DIGITS}{DIGITS}"], 1, 2),
        (["suppress", "--phone", DIGITS, "--country", WORD], 1, 2),
        (["suppress", "--link", f"{WORD}://[{WORD}"], 1, 2),
        (["suppress", "--profile", WORD], 1),
        (["suppress", "--email", f"other.{EMAIL}"], 0),
        (["suppress", "--email", f"other.{EMAIL}", "--yes"], 0),
    ):
        what = " ".join(arguments)[:60]
        ran = marked(*arguments)
        assert ran.code in codes, f"{what}: {ran.code} {ran.err}"
        clean(what, ran.out, ran.err)


@pytest.fixture
def server(marked: Roster) -> Iterator[tuple[str, int, Path]]:
    """`roster serve` on the marked store: host, port and the file of everything it prints."""
    log = marked.folder / "server.log"
    command = [sys.executable, "-m", "cli.main", "--store", "embedded:store", "serve", "--port", "0"]
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command, cwd=marked.folder, stdout=subprocess.PIPE, stderr=file, text=True, env={"PYTHONPATH": str(ROOT)}
        ) as process,
    ):
        try:
            assert process.stdout
            address = urlsplit(process.stdout.readline().removeprefix("listening on ").strip())
            assert address.hostname and address.port  # noqa: PT018  # one fact: it listens
            yield address.hostname, address.port, log
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()


NAME = quote(f"Jane {WORD}")
SEARCH = "/v1/profiles/search"
JSON = {"Content-Type": "application/json"}
REQUESTS: list[tuple[str, str, dict[str, str], str | None]] = [
    ("GET", f"/{WORD}/{DIGITS}", {}, None),
    ("GET", f"/v1/profiles/{WORD}", {}, None),
    ("GET", f"/v1/profiles/{quote(EMAIL)}", {}, None),
    ("GET", f"/v1/profiles/..%2f{WORD}", {}, None),
    ("GET", f"{SEARCH}?{WORD}={DIGITS}", {}, None),
    ("GET", f"{SEARCH}?q={NAME}&size={WORD}", {}, None),
    ("GET", f"{SEARCH}?q={NAME}&sort={WORD}&cursor={WORD}", {}, None),
    ("GET", f"{SEARCH}?q={NAME}&seniority={WORD}&facets={WORD}&updated_since={WORD}", {}, None),
    ("GET", f"{SEARCH}?q={NAME * 200}", {}, None),
    ("GET", f"{SEARCH}?email={WORD}&phone={DIGITS}{DIGITS}", {}, None),
    ("GET", f"{SEARCH}?job_title.{WORD}={WORD}", {}, None),
    ("GET", "/nothing", {"Host": f"{WORD}.example"}, None),
    ("GET", "/nothing", {"X-Request-ID": WORD}, None),
    ("GET", "/nothing", {"X-Request-ID": DIGITS}, None),
    ("GET", "/nothing", {"User-Agent": WORD, "Referer": f"https://{WORD}.example/?q={NAME}", "Cookie": f"a={WORD}", "From": EMAIL}, None),
    ("GET", "/nothing", {"Authorization": f"Bearer {WORD}", "X-API-Key": WORD, "If-None-Match": WORD}, None),
    (WORD.upper(), SEARCH, {}, None),
    ("DELETE", f"/v1/profiles/{WORD}", {}, None),
    ("POST", SEARCH, JSON, f'{{"q": "{WORD}'),
    ("POST", SEARCH, JSON, f'["{WORD}"]'),
    ("POST", SEARCH, JSON, f'{{"{WORD}": "{DIGITS}", "q": {{"{WORD}": 1}}}}'),
    ("POST", SEARCH, JSON, json.dumps({"q": f"{WORD} " * 200, "name": {"any": [WORD * 60], WORD: [WORD]}, "phone": DIGITS * 3})),
    ("POST", SEARCH, JSON, json.dumps({"email": f"{WORD} at nowhere", "phone": f"{WORD}{DIGITS}", "link": f"{WORD}://[", "size": WORD})),
    ("POST", SEARCH, {"Content-Type": f"text/{WORD}"}, WORD),
    ("POST", SEARCH, {"Content-Type": f"application/json; charset={WORD}"}, f'"{WORD}"'),
    ("POST", SEARCH, {**JSON, "Content-Encoding": WORD}, WORD),
    ("POST", SEARCH, {**JSON, "Expect": WORD}, f"[{WORD}]"),
    ("POST", SEARCH, JSON, WORD * 40_000),
    ("POST", "/v1/enrich", JSON, json.dumps({"name": f"Nobody {WORD}", "company": WORD, "email": f"nobody@{WORD}.example"})),
    ("POST", "/v1/enrich", JSON, json.dumps({"email": f"{WORD} at nowhere", "phone": f"{WORD}{DIGITS}", "email_hash": WORD})),
    ("POST", "/v1/enrich", JSON, json.dumps({"email": EMAIL, "required": f"emails AND {WORD}", "data_include": WORD, WORD: WORD})),
    ("POST", "/v1/identify", JSON, json.dumps({"name": [f"Jane {WORD}"], "size": WORD})),
    ("POST", "/v1/bulk", JSON, json.dumps({"requests": [{"params": {WORD: EMAIL}, "metadata": WORD}]})),
]
RAW = [
    f"{WORD} {WORD} {WORD}\r\n\r\n",
    f"GET /{WORD}\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: localhost\r\n{WORD}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: {WORD} {WORD}\r\nContent-Length: {WORD}\r\n\r\n",
    f"GET /{WORD * 2000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
]


def test_the_server_repeats_nothing_of_a_request_in_errors_or_log(server: tuple[str, int, Path], marked: Roster) -> None:
    """Names, addresses and numbers in paths, queries, headers and bodies: no error answers with them, and no log line has them."""
    host, port, log = server
    for method, target, headers, body in REQUESTS:
        connection = HTTPConnection(host, port, timeout=30)
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert response.status >= 400, f"{method} {target[:80]} was meant to fail, and got {response.status}"
        clean(f"{method} {target[:80]}", text, str(response.headers))
    for raw in RAW:
        with socket.create_connection((host, port), timeout=30) as plain:
            plain.sendall(raw.encode())
            clean("an unreadable request", plain.recv(65536).decode())
    connection = HTTPConnection(host, port, timeout=30)
    connection.request("GET", f"{SEARCH}?q={NAME}")
    assert json.loads(connection.getresponse().read())["total"] >= 1
    connection.close()
    written = log.read_text("utf-8")
    assert written.count(SEARCH) > 10, "the log must be on for this to mean anything"
    clean("the server's log", written)


def test_what_a_client_of_people_data_labs_puts_into_urls_is_logged_nowhere(server: tuple[str, int, Path], marked: Roster) -> None:
    """Their client sends its key and whom it asks for in the url: /v5 takes both, and neither stands in the log or in an error."""
    host, port, log = server
    theirs = PDLPY(api_key=f"{WORD}-key", base_path=f"http://{host}:{port}/v5")
    told = theirs.person.search(query={"term": {"emails": EMAIL}})
    assert (told.status_code, told.json()["total"]) == (200, 1), "the marks must be found for this to mean anything"
    assert theirs.autocomplete(field="company", text=WORD).status_code == 200
    assert theirs.person.enrichment(email=EMAIL, name=f"Jane {WORD}").status_code == 200
    assert theirs.person.identify(name=f"Jane {WORD}", company=f"{WORD} Ltd").status_code == 200
    refused = [
        theirs.person.search(query={"term": {"location_country": WORD}}),
        theirs.person.search(query={WORD: {WORD: EMAIL}}),
        theirs.person.search(sql=f"SELECT * FROM person WHERE {WORD}.email = '{EMAIL}'"),
        theirs.person.search(sql=f"ALTER TABLE person RENAME TO {WORD}"),
        theirs.person.search(query={"match_all": {}}, scroll_token=WORD),
        theirs.person.retrieve(person_id=WORD),
        theirs.person.enrichment(email=f"nobody.{EMAIL}"),
        theirs.person.enrichment(name=WORD),
        theirs.person.enrichment(email=EMAIL, required=f"{WORD} AND emails", data_include=WORD),
        theirs.person.bulk(requests=[{"params": {"name": WORD}}] * 101),
        theirs.location.cleaner(location=WORD),
        theirs.company.enrichment(name=WORD),
        requests.get(f"http://{host}:{port}/v5/{WORD}?email={quote(EMAIL)}&{WORD}={WORD}", timeout=30),
        requests.get(f"http://{host}:{port}/v5/autocomplete?field={WORD}&email={quote(EMAIL)}&{WORD}={WORD}", timeout=30),
    ]
    for response in refused:
        assert 400 <= response.status_code < 500
        clean("an error", response.text, str(response.headers))
    written = log.read_text("utf-8")
    assert written.count("/v5/") > len(refused), "the log must be on for this to mean anything"
    clean("the server's log", written)
