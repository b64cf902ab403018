"""/v1/jobs: a long list over HTTP, its progress, its results line by line, and its end told to a real receiver."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from engines.base import Collection, Reader, Write
from engines.opening import open_reader
from privacy.suppression import SuppressionList
from profiles.errors import QueryInvalid
from profiles.models import ValueKind
from search_api.jobs.keeping import PART
from search_api.jobs.routes import JOBS, RUNNER
from search_api.jobs.webhooks import PAUSES, Teller, signed_headers
from search_api.keys import make_key
from tests.cli.running import ROOT
from tests.search_api.people import person
from tests.search_api.test_app import is_problem
from tests.search_api.verify.conftest import *  # noqa: F403  # the store, the DNS server and the app of verifying
from tests.search_api.verify.conftest import JANE, KEY, NOW, MakeClient, fill
from tests.search_api.verify.servers import DnsServer, dns_server

Client = TestClient[Any, Any]
ONE = {"email": "a@b.example"}
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes !!!").decode()


async def sent(client: Client, items: list[dict[str, Any]], task: str = "verify/email", **more: Any) -> Any:
    """A job just sent."""
    response = await client.post("/v1/jobs", json={"task": task, "items": items, **more})
    assert response.status == 202, await response.text()
    job = await response.json()
    assert response.headers["Location"] == f"/v1/jobs/{job['id']}"
    return job


async def finished(client: Client, job: Any) -> Any:
    """The job once it has ended."""
    async with asyncio.timeout(60):
        while (now := await (await client.get(f"/v1/jobs/{job['id']}")).json())["state"] not in ("finished", "failed"):
            assert 0 <= now["done"] <= now["total"]
    return now


async def lines(client: Client, job: Any) -> list[Any]:
    """The results of a job."""
    response = await client.get(f"/v1/jobs/{job['id']}/results")
    assert (response.status, response.content_type) == (200, "application/x-ndjson")
    return [orjson.loads(line) for line in (await response.read()).splitlines()]


async def test_a_long_list_is_worked_off(client: Client) -> None:
    """202 and where to look; progress; then a line for each address, in the order sent, each as the route itself would answer."""
    count = 2 * PART + 50
    job = await sent(client, [{"email": f"person{n}@emberpoint.example"} for n in range(count)])
    assert (job["state"], job["total"], job["results"]) == ("queued", count, None)
    done = await finished(client, job)
    assert (done["state"], done["done"]) == ("finished", count)
    found = await lines(client, job)
    assert [line["number"] for line in found] == list(range(count))
    assert [line["result"]["email"] for line in found] == [f"person{n}@emberpoint.example" for n in range(count)]
    alone = await (await client.post("/v1/verify/email", json={"email": "person0@emberpoint.example"})).json()
    del alone["meta"]
    assert found[0] == {"number": 0, "status": 200, "result": alone, "problem": None}


@pytest.mark.parametrize(("task", "question"), [("clean/skill", {"skill": "k8s"}), ("verify/phone", {"phone": "+493023125104"})])
async def test_every_task_can_be_a_job(client: Client, task: str, question: dict[str, str]) -> None:
    """Cleaning and verifying alike."""
    job = await sent(client, [question], task)
    await finished(client, job)
    assert [line["status"] for line in await lines(client, job)] == [200]


async def test_what_was_sent_is_not_kept_beside_its_result(client: Client, reader: Reader) -> None:
    """Once answered the questions are gone; once deleted, so are the results; the contacts never see any of it."""
    job = await sent(client, [{"email": "Stray Wording <person@emberpoint.example>"}])
    await finished(client, job)
    held = [document.body async for document in reader.service.scan(Collection.JOB_PARTS)]
    assert not any(b"Stray" in body for body in held)
    assert (await client.delete(f"/v1/jobs/{job['id']}")).status == 204
    assert [document async for document in reader.service.scan(Collection.JOB_PARTS)] == []
    assert await reader.contacts.count(Collection.PROFILES) == 1
    response = await client.get(f"/v1/jobs/{job['id']}")
    is_problem(404, response.headers, await response.read())


async def test_who_is_suppressed_later_is_left_out_of_the_results(client: Client, reader: Reader) -> None:
    """Between a job and the reading of its results somebody may have objected."""
    job = await sent(client, [{"email": "a@emberpoint.example"}, {"email": "jane.doe+news@emberpoint.example"}])
    await finished(client, job)
    await SuppressionList(reader.service, KEY).add(ValueKind.EMAIL, "jane.doe@emberpoint.example")
    found = await lines(client, job)
    assert [line["status"] for line in found] == [200, 451]
    assert found[1]["result"] is None


async def test_of_whoever_is_gone_the_results_say_nothing(client: Client, reader: Reader) -> None:
    """Asked about a line, which is nobody's own and on no list: once its holder is hidden, the verdict that named her is not given."""
    line = "+49 30 23125 104"
    contact = {"name": "Jane Doe", "company": "Emberpoint", "phone": line}
    jobs = [await sent(client, [{"phone": line}], "verify/phone"), await sent(client, [contact], "verify/contact")]
    for job in jobs:
        await finished(client, job)
        ((found,),) = ([line["result"] for line in await lines(client, job)],)
        assert JANE.id in orjson.dumps(found).decode()
    await reader.service.write([Write(Collection.HIDDEN, JANE.id, b"{}")])
    for job in jobs:
        assert [(line["status"], line["result"]) for line in await lines(client, job)] == [(451, None)]


JOHN = person("p5kq1v7wz0c9d2xhn", name="John Roe", company="Emberpoint Inc", phone="+49 30 23125 104")


@pytest.mark.parametrize("people", [[JANE, JOHN]])
async def test_what_is_known_of_others_is_still_said(client: Client, reader: Reader) -> None:
    """A line of two people, of whom one has gone since: the verdict names the other alone."""
    job = await sent(client, [{"phone": "+49 30 23125 104"}], "verify/phone")
    await finished(client, job)
    assert {*(await lines(client, job))[0]["result"]["known"]["profiles"]} == {JANE.id, JOHN.id}
    await reader.service.write([Write(Collection.HIDDEN, JANE.id, b"{}")])
    (line,) = await lines(client, job)
    assert (line["status"], line["result"]["known"]["profiles"], line["result"]["known"]["people"]) == (200, [JOHN.id], 1)


async def test_results_that_cannot_be_finished_are_seen_to_be_broken(client: Client, reader: Reader) -> None:
    """A job deleted while its results are read: the answer breaks off, and nothing is taken for its end; HEAD sends no body at all."""
    job = await sent(client, [{"email": f"person{n}@emberpoint.example"} for n in range(2 * PART)])
    await finished(client, job)
    last = [document.key async for document in reader.service.scan(Collection.JOB_PARTS)][-1]
    await reader.service.write([Write(Collection.JOB_PARTS, last, None)])
    response = await client.get(f"/v1/jobs/{job['id']}/results")
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    asked = await client.head(f"/v1/jobs/{job['id']}/results")
    assert (asked.status, asked.content_type, await asked.read()) == (200, "application/x-ndjson", b"")
    assert (await client.get(f"/v1/jobs/{job['id']}")).status == 200


async def test_results_read_late_have_decayed(make_client: MakeClient) -> None:
    """A verdict whose time is over when its result is read is unknown."""
    now = [NOW]
    client = await make_client(now=lambda: now[0], lasting=timedelta(hours=1))
    job = await sent(client, [{"email": "someone@gmail.com"}])
    await finished(client, job)
    assert (await lines(client, job))[0]["result"]["status"] == "webmail"
    now[0] += timedelta(hours=1)
    assert (await lines(client, job))[0]["result"]["status"] == "unknown"


async def test_an_unfinished_job_has_no_results(make_client: MakeClient) -> None:
    """409 until it has ended."""
    client = await make_client()
    assert client.app is not None
    caller = (await client.app[JOBS].get((await sent(client, [{"email": "a@b.example"}]))["id"]))[0].caller
    job = await client.app[JOBS].add(caller, "a task of a later version", [{}], None)
    response = await client.get(f"/v1/jobs/{job.id}/results")
    is_problem(409, response.headers, await response.read())


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"task": "verify/mail", "items": [{}]}, "/task"),
        ({"task": "verify/email", "items": []}, "/items"),
        ({"task": "verify/email", "items": [{"email": "a@b.example"}, {"email": 7}]}, "/items/1/email"),
        ({"task": "verify/email", "items": [{"emial": "a@b.example"}]}, "/items/0/emial"),
        (
            {"task": "verify/email", "items": [{"email": "a@b.example"}], "webhook": {"url": "http://127.0.0.1:9/", "secret": SECRET}},
            "/webhook/url",
        ),
        ({"task": "verify/email", "items": ["a@b.example"]}, "/items/0"),
        ({"items": [{"email": "a@b.example"}]}, "/task"),
    ],
)
async def test_a_job_that_cannot_be_is_refused_at_once(client: Client, body: Any, pointer: str) -> None:
    """A mistake in any question refuses the whole list, with its place, before anything is kept."""
    response = await client.post("/v1/jobs", json=body)
    problem = is_problem(422, response.headers, await response.read())
    assert pointer in [error.pointer for error in problem.errors]
    assert all(error.allowed for error in problem.errors)


async def test_a_list_may_be_larger_than_other_bodies(client: Client) -> None:
    """Ten thousand addresses are taken in one go."""
    job = await sent(client, [{"email": f"somebody.with.a.long.name.{n}@emberpoint.example"} for n in range(10_000)])
    assert job["total"] == 10_000
    await client.delete(f"/v1/jobs/{job['id']}")


async def test_a_server_told_to_stop_as_a_job_comes_in_stops(client: Client) -> None:
    """New work and the end of the server at the same moment: the end is not forgotten over the work."""
    assert client.app is not None
    runner = client.app[RUNNER]
    task = asyncio.create_task(runner.run())
    async with asyncio.timeout(30):
        while len(runner._awake._waiters) < 2:  # noqa: ASYNC110  # it and the server's own wait for work; nothing else tells
            await asyncio.sleep(0)
    runner.wake()
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.cancelled()


async def test_a_sending_may_be_repeated(client: Client) -> None:
    """With an Idempotency-Key a sending whose answer was lost is sent again without a second job."""
    body = {"task": "verify/email", "items": [ONE]}
    headers = {"Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    ids = [(await (await client.post("/v1/jobs", json=body, headers=headers)).json())["id"] for _ in range(2)]
    assert ids[0] == ids[1]
    response = await client.post("/v1/jobs", json={**body, "items": [ONE, ONE]}, headers=headers)
    problem = is_problem(422, response.headers, await response.read())
    assert problem.errors[0].pointer == "Idempotency-Key"


# --- webhooks ---------------------------------------------------------------------------------------------------------------


class Receiver:
    """A real receiver: keeps what it gets, and answers as told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Take a message."""
        self.got.append((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": f"{self.url}/elsewhere"} if status == 302 else {})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    own = Receiver()
    app = web.Application()
    app.router.add_post("/{any:.*}", own.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    own.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield own
    await runner.cleanup()


async def test_the_end_is_told_signed_and_tried_again(make_client: MakeClient, receiver: Receiver) -> None:
    """The receiver gets the finished job with a fresh, valid signature; a refusal or a redirect is tried again later; a 2xx ends it."""
    now = [NOW]
    client = await make_client(now=lambda: now[0], webhook_origins={receiver.url})
    receiver.statuses = [500, 302]
    job = await sent(client, [{"email": "a@emberpoint.example"}], webhook={"url": f"{receiver.url}/hook", "secret": SECRET})
    await finished(client, job)
    assert client.app is not None
    async with asyncio.timeout(30):
        for tries in (1, 2, 3):
            while len(receiver.got) < tries:
                client.app[RUNNER].wake()
                await client.get("/healthz")
            now[0] += timedelta(seconds=2 * PAUSES[tries])
        while (await (await client.get(f"/v1/jobs/{job['id']}")).json())["webhook"]["told_at"] is None:
            pass
    assert len(receiver.got) == 3
    for headers, body in receiver.got:
        told = {name.lower(): value for name, value in headers.items()}
        content = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), content, hashlib.sha256)).decode()
        assert told["webhook-signature"] == f"v1,{expected}"
        assert told["webhook-id"] == job["id"]
        message = orjson.loads(body)
        assert (message["type"], message["data"]["results"]) == ("job.finished", f"/v1/jobs/{job['id']}/results")
    assert SECRET not in str(await (await client.get(f"/v1/jobs/{job['id']}")).json())


def test_the_signature_is_the_standards() -> None:
    """The example of the Standard Webhooks specification gives its signature."""
    body = b'{"test": 2432232314}'
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.fromtimestamp(1614265330, UTC)
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.acme.example/x",
        "https://hooks.acme.example.evil.example/",
        "https://hooks.acme.example@evil.example/",
        "file:///etc/passwd",
        "x",
    ],
)
def test_messages_go_only_where_the_operator_allows(url: str) -> None:
    """Another scheme or host, or one hidden behind a user name, is refused."""
    teller = Teller(["https://hooks.acme.example"])
    teller.accept("https://hooks.acme.example/any/path?q=1", SECRET)
    with pytest.raises(QueryInvalid):
        teller.accept(url, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_YWJj", "abc", "whsec_%%%"])
def test_a_weak_secret_is_refused(secret: str) -> None:
    """A secret too short to sign with, or none at all, is told."""
    with pytest.raises(QueryInvalid):
        Teller(["https://hooks.acme.example"]).accept("https://hooks.acme.example", secret)


# --- killed -----------------------------------------------------------------------------------------------------------------


async def serving(store: str, dns: DnsServer, key: str, digest: str) -> tuple[subprocess.Popen[bytes], aiohttp.ClientSession]:
    """A server of its own process, and a session with it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ROSTER_")}
    env |= {"ROSTER_STORE": store, "ROSTER_DNS_SERVERS": f"127.0.0.1:{dns.port}", "ROSTER_API_KEYS": digest, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli.main", "serve", "--port", "0"]
    process = await asyncio.to_thread(subprocess.Popen, command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    url = (await asyncio.to_thread(process.stdout.readline)).decode().split()[-1]
    return process, aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {key}"})


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for its end and let go of its pipe."""
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


async def test_a_killed_servers_job_is_finished_by_the_next(tmp_path: Path) -> None:
    """A server killed half-way through a list: the next one finishes it, with every address once and none missing."""
    store, (key, digest), count = f"embedded:{tmp_path / 'store'}", make_key(), 1500
    await fill(store, [JANE])
    async with dns_server({f"firm{n}.example": {"MX": [f"10 mx.firm{n}.example."]} for n in range(count)}) as dns:
        process, session = await serving(store, dns, key, digest)
        items = [{"email": f"person@firm{n}.example"} for n in range(count)]
        async with session, session.post("/v1/jobs", json={"task": "verify/email", "items": items}) as response:
            assert response.status == 202
            job = (await response.json())["id"]
            while True:
                async with session.get(f"/v1/jobs/{job}") as shown:
                    if (await shown.json())["done"] > 0:
                        break
            process.send_signal(signal.SIGKILL)
            end(process)
        left = await open_reader(store)
        held = [orjson.loads(document.body) async for document in left.service.scan(Collection.JOB_PARTS)]
        await left.close()
        assert {key for part in held for key in part} == {"questions", "results"}, "it was not killed half-way"
        process, session = await serving(store, dns, key, digest)
        async with session:
            begun = time.monotonic()
            while time.monotonic() - begun < 100:
                async with session.get(f"/v1/jobs/{job}") as shown:
                    if (await shown.json())["state"] == "finished":
                        break
            async with session.get(f"/v1/jobs/{job}/results") as response:
                found = [orjson.loads(line) for line in (await response.read()).splitlines()]
        process.terminate()
        end(process)
    assert [line["result"]["email"] for line in found] == [f"person@firm{n}.example" for n in range(count)]
