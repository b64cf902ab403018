"""The commands, run as processes on a real store: what they print, what they promise other programs, how they end."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from cli.search import hit_list
from engines.base import Collection, Write
from engines.opening import open_writer
from tests.cli.running import EXAMPLES, ROOT, Roster


def test_search_json_is_the_http_body(examples: Roster) -> None:
    """`roster search TEXT --json --size N` prints one object: total a number; id, name, job_title, company, location as strings."""
    body = examples("search", "Malgorzata Vasilewitz", "--json", "--size", "1").json
    assert isinstance(body["total"], int)
    assert body["total"] >= 1
    assert len(body["hits"]) == 1
    hit = body["hits"][0]
    assert hit["name"] == "Małgorzata Wasilewicz"
    assert all(isinstance(hit[field], str) for field in ("id", "name", "job_title", "company", "location"))


def test_every_field_option_narrows_the_search(examples: Roster) -> None:
    """--title, --company, --location and --skill are each repeatable; several skills must all be held, of the others any."""
    one = examples("search", "--skill", "terraform", "--json").json["total"]
    both = examples("search", "--skill", "terraform", "--skill", "k8s", "--json").json["total"]
    munich = examples("search", "--location", "Munich", "--json").json["total"]
    either = examples("search", "--location", "Munich", "--location", "Leeds", "--json").json["total"]
    assert 0 < both <= one
    assert 0 < munich < either
    narrow = examples("search", "--title", "head of data", "--company", "Nebelhorn Robotik", "--location", "München", "--json").json
    assert {hit["company"] for hit in narrow["hits"]} == {"Nebelhorn Robotik"}


def test_search_near_a_place_sorted_counted_and_explained(examples: Roster) -> None:
    """--near, --radius-km, --sort, --facet, --company-when, --highlight and --explain say the same as over HTTP, and read well."""
    ran = examples("search", "--near", "München", "--radius-km", "30", "--sort", "distance", "--facet", "city", "--size", "3")
    lines = ran.out.splitlines()
    assert lines[0] == "München: within 30 km of Munich, Bavaria, Germany (48.137, 11.575)"
    assert " - 0 km - " in lines[2]
    assert any(line.startswith("city: Munich ") for line in lines)
    explained = examples("search", "Malgorzata Vasilewitz", "--size", "1", "--explain").out
    assert "     name: 'Vasilewitz' is within two edits of Wasilewicz, +" in explained
    marked = examples("search", "Malgorzata Vasilewitz", "--size", "1", "--highlight").out
    assert "     name: [Małgorzata] [Wasilewicz]" in marked
    past = examples("search", "--company", "Wiatrowo Soft", "--company-when", "past", "--json").json["total"]
    now = examples("search", "--company", "Wiatrowo Soft", "--company-when", "current", "--json").json["total"]
    either = examples("search", "--company", "Wiatrowo Soft", "--json").json["total"]
    assert 0 < now <= either
    assert past < either
    nowhere = examples("search", "--near", "Bavaria")
    assert nowhere.code == 2
    assert "near" in nowhere.err
    assert "no coordinates" in nowhere.err


def test_an_answer_that_says_nothing_of_what_stands_in_the_way_can_be_printed() -> None:
    """Over HTTP that is counted only where it is asked for; who is shown an answer is told that nobody was found, and no more."""
    assert hit_list({"total": 0, "hits": [], "interpreted": {"without": None}}) == ["Nobody found."]


def test_search_prints_a_list_a_person_can_read(examples: Roster) -> None:
    """Without --json: how many were found, then a numbered line for each: name - title, company - place - id."""
    ran = examples("search", "Wasilewicz", "--size", "1")
    hit = examples("search", "Wasilewicz", "--size", "1", "--json").json["hits"][0]
    lines = ran.out.splitlines()
    assert "people" in lines[0] or "person" in lines[0]
    assert lines[1] == f"  1. {hit['name']} - {hit['job_title']}, {hit['company']} - {hit['location']} - {hit['id']}"
    assert examples("search", "Zzyzxqwrtpl").out == "Nobody found.\n"
    assert examples("search", "Zzyzxqwrtpl Qqfwzx").out == "Nobody found, and one thing less finds nobody either.\n"
    shown = examples("search", "Malgorzata Zzyzx").out.splitlines()
    found = examples("search", "Malgorzata", "--json").json["total"]
    assert shown == ["Nobody found. One thing less finds:", f"  {found} people without Zzyzx"]
    assert re.fullmatch(r"\d+ people\.\n", examples("search", "--size", "0", "munich").out)


def test_pages_follow_one_another(examples: Roster) -> None:
    """The cursor a page ends with leads to the next one, which repeats nobody."""
    first = examples("search", "--skill", "k8s", "--size", "5", "--json").json
    second = examples("search", "--skill", "k8s", "--size", "5", "--cursor", first["cursor"], "--json").json
    assert not {hit["id"] for hit in first["hits"]} & {hit["id"] for hit in second["hits"]}


def test_show_names_the_sources_and_the_last_day_of_every_value(examples: Roster) -> None:
    """`roster show ID` is a card with each value, who attests it and until when; --json is the whole profile."""
    profile_id = examples("search", "Wasilewicz", "--size", "1", "--json").json["hits"][0]["id"]
    body = examples("show", profile_id, "--json").json
    card = examples("show", profile_id).out
    assert body["id"] == profile_id
    for value in [*body["names"], *body["emails"], *body["job_titles"]]:
        line = next(line for line in card.splitlines() if value["value"] in line and value["expires_at"] in line)
        assert all(source["id"] in line for source in value["sources"])


def test_ingest_twice_changes_nothing(empty: Roster) -> None:
    """The same feed again: nothing new, nothing changed, and the same profiles, byte for byte."""
    empty("sources", "add", str(EXAMPLES / "sources/team_pages.toml"))
    feed = str(EXAMPLES / "team_pages.jsonl")
    first = empty("ingest", feed, "--source", "team_pages", "--json").json
    empty("export", "profiles", "--out", "before.jsonl")
    second = empty("ingest", feed, "--source", "team_pages", "--json").json
    empty("export", "profiles", "--out", "after.jsonl")
    assert first["new"] == first["read"] > 100
    assert (second["new"], second["changed"], second["unchanged"]) == (0, 0, first["read"])
    assert (empty.folder / "before.jsonl").read_bytes() == (empty.folder / "after.jsonl").read_bytes()


def test_rejects_name_line_field_and_reason(empty: Roster) -> None:
    """What cannot be taken ends in the rejects file, the exit code is 3, and the rest is taken; standard input works as a file does."""
    empty("sources", "add", str(EXAMPLES / "sources/team_pages.toml"))
    good = (EXAMPLES / "team_pages.jsonl").read_text("utf-8").splitlines()[0]
    ran = empty("ingest", "-", "--source", "team_pages", "--rejects", "rejects.jsonl", "--json", text=f"{good}\nnot json\n")
    assert ran.code == 3
    assert (ran.json["new"], ran.json["rejected_records"]) == (1, 1)
    reject = json.loads((empty.folder / "rejects.jsonl").read_text("utf-8"))
    assert reject["line"] == 2
    assert reject["reason"]


def test_a_dry_run_writes_nothing(empty: Roster) -> None:
    """--dry-run reads and checks everything and leaves the store as it was."""
    empty("sources", "add", str(EXAMPLES / "sources/team_pages.toml"))
    ran = empty("ingest", str(EXAMPLES / "team_pages.jsonl"), "--source", "team_pages", "--dry-run", "--json")
    assert ran.json["read"] > 100
    assert empty("status", "--json").json["records"] == 0


def test_a_result_is_exported(examples: Roster, tmp_path: Path) -> None:
    """Everyone whom a search finds, as a table or as whole profiles, by words or by a file that asks the same; mistakes are told."""
    query = tmp_path / "search.json"
    query.write_text('{"skill": "terraform"}', "utf-8")
    found = examples("search", "--skill", "terraform", "--json").json["total"]
    told = examples("export", "result", "--query", str(query), "--format", "csv", "--out", str(tmp_path / "t.csv"), "--json").json
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert told["profiles"] == len(rows) == found > 1
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert all("Terraform" in row["skills"] for row in rows)
    assert examples("export", "result", "Malgorzata", "Wasilewicz", "--out", str(tmp_path / "m.ndjson")).code == 0
    first = json.loads((tmp_path / "m.ndjson").read_text("utf-8").splitlines()[0])
    assert first["names"][0]["sources"]
    query.write_text('{"size": 3}', "utf-8")
    for words in (["x", "--query", str(query)], [], ["--query", str(query)]):
        assert examples("export", "result", *words, "--out", str(tmp_path / "n.csv")).code == 2
    assert not (tmp_path / "n.csv").exists()


def test_exports(examples: Roster, tmp_path: Path) -> None:
    """Assignments: source,record_id,profile_id for every record held. Profiles: JSON lines sorted by id."""
    assert examples("export", "assignments", "--out", str(tmp_path / "a.csv")).code == 0
    assert examples("export", "profiles", "--out", str(tmp_path / "p.jsonl")).code == 0
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["source", "record_id", "profile_id"]
    assert len(rows) - 1 == examples("status", "--json").json["records"]
    ids = [json.loads(line)["id"] for line in (tmp_path / "p.jsonl").read_text("utf-8").splitlines()]
    assert ids
    assert ids == sorted(ids)


def test_expire_previews_before_it_removes(empty: Roster) -> None:
    """Without --yes nothing changes; with it, what is past its day is gone, and a second run finds nothing."""
    roster = empty.filled()
    preview = roster("expire", "--json").json
    assert preview["applied"] is False
    assert sum(preview["values"].values()) > 0  # the example feeds hold values whose day is past
    assert roster("expire", "--json").json == preview
    assert roster("expire", "--yes", "--json").json["values"] == preview["values"]
    assert roster("expire").out == "Nothing is past its day.\n"


def test_what_is_left_in_the_files_is_told_until_it_is_gone(empty: Roster) -> None:
    """After `suppress` the files of the index may hold words of the person: it says so, and `status` does until `expire --yes` was run."""
    roster = empty.filled()
    assert "words of what was removed" not in roster("status").out
    said = roster("suppress", "--email", "malgorzata.wasilewicz@wiatrowo.test", "--yes").out
    assert "`roster expire --yes` clears them" in said
    assert "`roster expire --yes` clears them" in roster("status").out
    assert roster("status", "--json").json["remains"] is True
    roster("expire", "--yes")
    assert roster("status", "--json").json["remains"] is False


def test_suppress_says_whom_it_would_hide_before_it_does(empty: Roster) -> None:
    """Without --yes nothing changes, and the people are named, so that a wrong address is seen in time; --json tells the same."""
    roster = empty.filled()
    asked = ("suppress", "--email", "malgorzata.wasilewicz@wiatrowo.test")
    (hit,) = roster("search", asked[-1], "--json").json["hits"]
    before = roster("status", "--json").json
    said = roster(*asked).out
    assert said.startswith("1 profile would be hidden and removed:\n  Małgorzata Wasilewicz - Head of Engineering, Wiatrowo Soft - Warsaw")
    assert f"{hit['id']}, 3 records" in said
    assert said.endswith("Nothing was changed. To do it: the same command with --yes\n")
    told = roster(*asked, "--json").json
    assert (told["applied"], told["hidden"], told["people"][0]["name"]) == (False, [hit["id"]], hit["name"])
    assert roster("status", "--json").json == before
    assert roster("search", asked[-1], "--json").json["total"] == 1
    assert roster("suppress", "--profile", hit["id"], "--json").json["hidden"] == [hit["id"]]
    asyncio.run(_hide(f"embedded:{roster.folder / 'store'}", hit["id"]))
    assert roster(*asked, "--json").json == told | {"people": []}, "who is hidden is named to nobody"
    done = roster(*asked, "--yes", "--json").json
    assert (done["applied"], done["hidden"], done["entries"]) == (True, told["hidden"], told["entries"])
    assert "people" not in done
    assert roster(*asked).out == "Nobody who is held has it.\nIt is on the list already.\n"
    role = roster("suppress", "--email", "info@nobody.example").out
    assert (
        role
        == "Nobody who is held has it.\nIt would be put on the list, so that no source can bring it back.\n" + said.splitlines()[-1] + "\n"
    )


def test_suppress_says_from_whom_a_shared_mailbox_would_go(examples: Roster) -> None:
    """A mailbox of several people hides none of them: who has it is named, and that they stay."""
    said = examples("suppress", "--email", "info@lalezarin.example").out.splitlines()
    assert said[0] == "This is shared by several people: it would be taken out of 3 profiles, and the people stay:"
    named = [line.strip().partition(" - ")[0] for line in said if line.startswith("  ")]
    assert named == ["Agnieszka Jastrzębski", "Ifeoma Olaniyanju", "Íñigo Peñarroja"]
    told = examples("suppress", "--email", "info@lalezarin.example", "--json").json
    assert (told["hidden"], told["shared"], [one["name"] for one in told["people"]]) == ([], True, named)


def test_suppress_takes_one_way_of_naming_a_person(examples: Roster) -> None:
    """None, two, or a country without a number: it says what goes together, and looks at nothing."""
    for options, said in (
        ((), "give one of --email, --phone, --link and --profile"),
        (("--email", "a@b.example", "--profile", "p1"), "give one of --email, --phone, --link and --profile"),
        (("--email", "a@b.example", "--country", "DE"), "--country goes with --phone"),
    ):
        ran = examples("suppress", *options)
        assert (ran.code, ran.out, said in ran.err) == (2, "", True), ran.err


async def _hide(store: str, profile: str) -> None:
    """As `suppress` does before it removes anything: while another process writes it gets no further."""
    writer = await open_writer(store)
    await writer.service.write([Write(Collection.HIDDEN, profile, b"{}")])
    await writer.close()


def test_a_suppressed_person_is_gone_and_stays_gone(empty: Roster) -> None:
    """After `roster suppress` in any spelling, neither a new ingest of the same feed nor a rebuild brings the person back."""
    roster = empty.filled()
    profile_id = roster("search", "malgorzata.wasilewicz@wiatrowo.test", "--json").json["hits"][0]["id"]
    assert roster("suppress", "--email", "Malgorzata.Wasilewicz@WIATROWO.test", "--yes", "--json").json["hidden"] == [profile_id]
    roster("ingest", str(EXAMPLES / "team_pages.jsonl"), "--source", "team_pages")
    assert roster("reindex").code == 0
    assert roster("search", "malgorzata.wasilewicz@wiatrowo.test", "--json").json["total"] == 0
    ran = roster("show", profile_id)
    assert (ran.code, ran.out) == (1, "")


def test_reindex_answers_as_before(empty: Roster) -> None:
    """A rebuild swaps in a new index that finds the same people."""
    roster = empty.filled()
    before = roster("search", "--skill", "k8s", "--json", "--size", "50").json
    summary = roster("reindex", "--json").json
    after = roster("search", "--skill", "k8s", "--json", "--size", "50").json
    assert summary["profiles"] == roster("status", "--json").json["profiles"]
    assert {hit["id"] for hit in before["hits"]} == {hit["id"] for hit in after["hits"]}
    assert before["total"] == after["total"]


def test_serve_says_where_it_listens_and_stops_cleanly(examples: Roster) -> None:
    """`roster serve --port 0` picks a free port and prints it; the answers are those of the command line; SIGTERM ends it with 0."""
    command = [sys.executable, "-m", "cli.main", "--store", "embedded:store", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=examples.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"PYTHONPATH": str(ROOT)}
    ) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().strip().removeprefix("listening on ")
            connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
            connection.request("GET", "/v1/profiles/search?q=Wasilewicz&size=2")
            served = json.loads(connection.getresponse().read())
            connection.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
    printed = examples("search", "Wasilewicz", "--size", "2", "--json").json
    assert {key: value for key, value in served.items() if key != "meta"} == printed


def test_serve_refuses_to_be_reached_by_others_without_a_key(examples: Roster) -> None:
    """Listening beyond this machine needs ROSTER_API_KEYS; without it the server does not start and says why."""
    ran = examples("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104  # the point of the test
    assert ran.code == 2
    assert "roster keys make" in ran.err


def test_a_made_key_has_the_digest_that_comes_with_it(empty: Roster) -> None:
    """`roster keys make` prints a key and the digest that the server knows it by; no two are alike."""
    from search_api.keys import key_digest

    one, two = (empty("keys", "make", "--json").json for _ in range(2))
    assert one["digest"] == key_digest(one["key"])
    assert one["key"] != two["key"]
    assert empty("keys", "make", ROSTER_API_KEYS=one["digest"]).code == 0


def test_sources_are_listed_shown_disabled_and_enabled(empty: Roster) -> None:
    """A disabled source gives no more records, and says so; enabled again, it does."""
    empty("sources", "add", str(EXAMPLES / "sources/team_pages.toml"))
    assert "already" in empty("sources", "add", str(EXAMPLES / "sources/team_pages.toml")).out
    assert empty("sources", "list", "--json").json["sources"][0]["id"] == "team_pages"
    assert "legal_basis: " in empty("sources", "show", "team_pages").out
    empty("sources", "disable", "team_pages")
    refused = empty("ingest", str(EXAMPLES / "team_pages.jsonl"), "--source", "team_pages")
    assert refused.code == 1
    assert "`roster sources enable team_pages`" in refused.err
    assert empty("sources", "enable", "team_pages", "--json").json == {"id": "team_pages", "enabled": True}
    assert empty("ingest", str(EXAMPLES / "team_pages.jsonl"), "--source", "team_pages").code == 0


def test_the_demo_shows_a_first_result_and_keeps_its_hands_off_other_folders(empty: Roster) -> None:
    """`roster demo` finds the misspelt name first, says what to type next, and runs again; somebody else's demo-data is left alone."""
    ran = empty("demo")
    assert ran.code == 0, ran.err
    assert "1. Małgorzata Wasilewicz - Head of Engineering, Wiatrowo Soft - Warsaw" in ran.out
    assert "export ROSTER_STORE=embedded:demo-data" in ran.out
    assert empty("demo").code == 0
    (empty.folder / "demo-data" / ".made-by-roster-demo").unlink()
    refused = empty("demo")
    assert refused.code == 2
    assert (empty.folder / "demo-data").is_dir()


def test_a_taxonomy_is_imported_as_its_publisher_ships_it(empty: Roster) -> None:
    """`roster taxonomy import` takes an ESCO file and says what it took; a file it does not know is refused by name of what it knows."""
    header = "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,"
    header += "modifiedDate,scopeNote,definition,inScheme,description\n"
    row = "KnowledgeSkillCompetence,esco/skill/1,skill/competence,cross-sector,weave baskets,basket weaving,,released,,,,,\n"
    (empty.folder / "skills_en.csv").write_text(header + row, "utf-8")
    taken = empty("taxonomy", "import", "skills_en.csv", "--json")
    assert taken.code == 0, taken.err
    assert taken.json["files"][0]["kind"] == "skill"
    (empty.folder / "other.csv").write_text("a,b\n1,2\n", "utf-8")
    assert empty("taxonomy", "import", "other.csv").code == 1
