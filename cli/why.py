"""`roster why`: why two are one person or not, and why a profile holds the records it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from engines.base import Reader


@click.command(epilog=example("roster why pmrs52a2ewgtjac0b", "roster why crm_contacts/1041 team_pages/t-17"))
@click.argument("one", metavar="A")
@click.argument("other", metavar="[B]", required=False)
@as_json
@common
def why(one: str, other: str | None, json: bool) -> None:
    """Say why A and B are one person, or are not; or with A alone, why each of its records is there.

    A and B are ids of profiles, or of records as SOURCE/ID. Evidence is told in bits: ten more make it a thousand times likelier that both
    are one person, ten less a thousand times less likely. "same" takes them from the name and from something else besides; how many: the
    limits of profiles/resolve/wholes.toml for two people, and of weights.toml beside it for a record that comes.

    Values past their day are left out here, for nobody may see them; an ingest counts them until `roster expire --yes` has removed them,
    and may have joined two between whom this finds too little.
    """

    async def work() -> dict[str, Any]:
        async with parts.reading(parts.settings()) as store:
            return await (compared(store, one, other) if other else grounds(store, one))

    body = parts.finish(work())
    if json:
        print_json(body)
        return
    for line in comparison_lines(body) if other else ground_lines(body):
        say(line)


async def compared(store: Reader, one: str, other: str) -> dict[str, Any]:
    """Two profiles or records compared. Raises ProfileNotFound, ProfileErased, InputInvalid when they are one and the same."""
    from indexer.explain import explain
    from search_api.review.pairs import find, two

    first, second = two(await find(store, one), await find(store, other))
    found = await explain(store, first.records, second.records, parts.today)
    comparison, judged = found.comparison, found.judgement
    return {
        "profiles": [first.profile.id, second.profile.id],
        "one_person": first.profile.id == second.profile.id,
        "score": round(comparison.score, 1),
        "probability": round(comparison.probability, 4),
        "enough": found.enough,
        "veto": comparison.veto or None,
        "evidence": [{"kind": e.kind, "level": e.level, "bits": round(e.weight, 1), "value": e.value} for e in comparison.evidence],
        "judgement": judged and {"id": judged.id, "verdict": judged.verdict, "by": judged.actor, "reason": judged.reason},
        "weights": found.weights,
    }


def comparison_lines(body: dict[str, Any]) -> list[str]:
    """A comparison in words."""
    one, other = body["profiles"]
    said = [f"One person: {one}." if body["one_person"] else f"Two people: {one} and {other}."]
    if judged := body["judgement"]:
        said.append(f"Judged {judged['verdict']} by {judged['by']} ({judged['id']}){': ' + judged['reason'] if judged['reason'] else ''}.")
    said += [evidence_line(found) for found in body["evidence"]]
    said.append(f"  {body['score']:+6.1f}  in all, what two people taken at random have in common taken off")
    if body["veto"]:
        said.append(f"Forbidden by: {body['veto']}.")
    said.append(f"{'Enough' if body['enough'] else 'Not enough'} to make them one by evidence alone (weights {body['weights']}).")
    return said


def evidence_line(found: dict[str, Any]) -> str:
    """One finding: "+14.3  email same: jane@acme.example"."""
    value = f": {found['value']}" if found["value"] else ""
    return f"  {found['bits']:+6.1f}  {found['kind']} {found['level']}".replace("_", " ") + value


async def grounds(store: Reader, profile: str) -> dict[str, Any]:
    """Why each record of a profile is there: what its history says of the record last. Raises ProfileNotFound, ProfileErased."""
    from profiles.history import reference
    from search_api.review.pairs import chain_of, find

    found = await find(store, profile)
    events: dict[str, dict[str, Any]] = {}
    for event in (await chain_of(store, found.profile.id)).events:
        if event.kind in ("attached", "merged", "restored"):
            ground = {"event": event.kind, "at": event.at.isoformat(), "by": event.actor, "because": event.because, "from": event.other}
            events |= dict.fromkeys(event.records, ground)
    records = [{"record": key, **events.get(reference(key), {"event": "attached", "because": []})} for key in found.profile.records]
    return {"profile": found.profile.id, "records": records}


def ground_lines(body: dict[str, Any]) -> list[str]:
    """Grounds in words."""
    said = [f"{body['profile']} rests on:"]
    for record in body["records"]:
        came = f", with {record['from']}" if record.get("from") else ""
        said.append(f"  {record['record']}{came}: {'; '.join(record['because']) or 'nobody known was like it'}")
    return said
