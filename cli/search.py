"""`roster search`: find people from the command line; the JSON is the body of the HTTP answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from cli import parts
from cli.console import print_json, say
from cli.options import F, as_json, common, example


def _words(name: str, help: str) -> Callable[[F], F]:
    return click.option(f"--{name}", multiple=True, metavar="TEXT", help=help)


@click.command(
    epilog=example(
        'roster search "product manager munich"',
        'roster search --title "data engineer" --location Lyon --skill python --skill sql',
        "roster search --title engineer --near Munich --radius-km 30 --sort distance --explain",
    )
)
@click.argument("text", nargs=-1)
@_words("title", "Job title; several: any of them.")
@_words("company", "Company; several: any of them.")
@click.option("--company-when", type=click.Choice(["any", "current", "past"]), default="any", help="Whether they work there now, or did.")
@_words("location", "City, region or country; several: any of them.")
@click.option("--near", metavar="PLACE", help="Only people near this city, or this point: latitude,longitude.")
@click.option("--radius-km", type=float, metavar="KM", help="How near, as the crow flies: 50 if left out.")
@_words("skill", "Skill; several: all of them.")
@click.option("--sort", type=click.Choice(["relevance", "name", "updated", "distance"]), default="relevance", help="The order of the hits.")
@click.option("--facet", "facets", multiple=True, metavar="FIELD", help="Count the values of a field over the whole result: company ...")
@click.option("--explain", is_flag=True, help="Say of each hit what matched, and what it gave to the score.")
@click.option("--highlight", is_flag=True, help="Show of each hit the values in which something matched, the words [marked].")
@click.option("--size", type=int, default=10, show_default=True, metavar="N", help="Hits to print.")
@click.option("--cursor", metavar="CURSOR", help="Go on after a page: the cursor it ended with.")
@as_json
@common
def search(text: tuple[str, ...], json: bool, **options: Any) -> None:
    """Find people by free text and by fields; everything given must hold.

    TEXT is any mix of name, title, company, place, skill, or an e-mail address, phone number, handle or profile link.
    """
    words = " ".join(text).strip()  # quoted as one or not: people type it either way
    if not words and not any(options[name] for name in ("title", "company", "location", "skill", "near")):
        raise click.UsageError('say what to look for: roster search "product manager munich"')
    from search_api.answers import search_answer
    from search_api.requests import request_from_body

    given = parts.settings()
    parts.use_taxonomies(given)
    request = request_from_body({**search_body(words, options), "count_without": True})

    async def work() -> dict[str, Any]:
        async with parts.reading(given) as store:
            await parts.freshen(store)
            return await search_answer(parts.profiles_of(store), request)

    answer = parts.finish(work())
    if json:
        print_json(answer)
    else:
        for line in [*place_lines(answer), *hit_list(answer), *facet_lines(answer)]:
            say(line)
        if answer["cursor"]:
            say(f"More: the same with --cursor {answer['cursor']}")


def search_body(text: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The same search as a body for POST /v1/profiles/search, without what was not asked."""
    words = {
        "job_title": {"any": options["title"]},
        "company": {"any": options["company"]},
        "location": {"any": options["location"]},
        "skill": {"all": options["skill"]},
    }
    body = {"q": text, **{field: asked for field, asked in words.items() if any(asked.values())}}
    usual = {"company_when": "any", "sort": "relevance", "explain": False, "highlight": False, "near": None, "cursor": None}
    body |= {name: options[name] for name, value in usual.items() if options[name] != value}
    if options["radius_km"] is not None:
        body["radius_km"] = options["radius_km"]
    if options["facets"]:
        body["facets"] = list(options["facets"])
    return {**{name: value for name, value in body.items() if value != ""}, "size": options["size"]}


def place_lines(answer: dict[str, Any]) -> list[str]:
    """Which place a circle is around, and what else is so called, where there is any doubt."""
    lines = []
    for place in answer["interpreted"]["places"]:
        if place["radius_km"] is not None or place["also"]:
            circle = f"within {place['radius_km']:g} km of " if place["radius_km"] is not None else ""
            point = f" ({place['lat']:g}, {place['lon']:g})" if place["lat"] is not None else ""
            also = f"; so called, too: {' / '.join(place['also'])}" if place["also"] else ""
            lines.append(f"{place['text']}: {circle}{place['place']}{point}{also}")
    return lines


def facet_lines(answer: dict[str, Any]) -> list[str]:
    """One line a facet: company: Acme 12, Birchhouse 3."""
    return [f"{name}: " + ", ".join(f"{b['value']} {b['count']:,}" for b in buckets) for name, buckets in answer["facets"].items()]


def hit_list(answer: dict[str, Any]) -> list[str]:
    """The lines of a result as a person reads them: how many, then one numbered line a hit."""
    total, hits = answer["total"], answer["hits"]
    if not total:
        without = answer["interpreted"]["without"] or []  # null where it was not asked for
        if finding := [left for left in without if left["total"]]:
            return ["Nobody found. One thing less finds:", *map(_left_out, finding)]
        return ["Nobody found, and one thing less finds nobody either." if without else "Nobody found."]
    many = f"{total:,}" if answer.get("total_is_exact", True) else f"at least {total:,}"
    people = "person" if total == 1 else "people"
    if not hits:
        return [f"{many} {people}."]
    lines = [f"{many} {people}" + (f", the first {len(hits)}:" if len(hits) < total else ":")]
    for place, hit in enumerate(hits, start=1):
        lines.append(f"{place:>3}. {hit_line(hit)}")
        lines += [f"     {marked['field']}: {_marked(marked)}" for marked in hit.get("highlights") or ()]
        lines += [f"     {share['text']}" for share in (hit.get("explanation") or {}).get("shares", ())]
    return lines


def hit_line(hit: dict[str, Any]) -> str:
    """One hit: Jane Doe - Product Manager, Acme - Munich, Bavaria, Germany - p_1; what is unknown is left out. The distance, if asked."""
    work = ", ".join(hit[part] for part in ("job_title", "company") if hit.get(part))
    far = f"{hit['distance_km']:g} km" if hit.get("distance_km") is not None else ""
    return " - ".join(part for part in (hit.get("name"), work, hit.get("location"), far, hit["id"]) if part)


def _left_out(left: dict[str, Any]) -> str:
    """How many are found without one of the things asked:   3 people without Munich (location)."""
    people = "1 person" if left["total"] == 1 else f"{left['total']:,} people"
    return f"  {people} without {left['text']}" + (f" ({left['field']})" if left["field"] != "q" else "")


def _marked(found: dict[str, Any]) -> str:
    """A value with its matched words in brackets: Head of [Data]."""
    text = found["value"]
    for word in reversed(found["words"]):
        text = f"{text[: word['start']]}[{text[word['start'] : word['end']]}]{text[word['end'] :]}"
    return str(text)
