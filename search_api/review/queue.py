"""The pairs that wait for a person's word: those that are likely one person by what is known of both today, likeliest first.

A possible link is kept as a record showed it, and people grow: when somebody looks, two of one name have turned out to work for two firms,
and others to have more in common. So what is listed is weighed anew. A pair has one entry, which is gone once the two have become one
profile, one of them is erased, or somebody has given a word. Two of a name that many have, and of whom little else is known, are left
out: nobody could judge them.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from engines.base import Collection, Reader, Writer
from privacy.reading import ProfileReader
from profiles.judgement import Judgements, Link, link_key
from profiles.models import Profile
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import Counted
from profiles.resolve.traits import traits_of_profile
from profiles.resolve.weights import weights_for_wholes
from search_api.answers import shown_texts

Store = Reader | Writer

WORTH_JUDGING = 0.0
"""Bits, even odds, from which a pair is listed, by the weights for wholes. In two fictional sets of 3,000 persons, the second hard, for
each limit: pairs to judge for a thousand records, and how many of them are one person; the share kept of those that are. (Since then more
is found by itself: with 0, on 2,000 persons 9, .981, and on the hard set 16, .844.)

    bits   3,000               3,000 hard
    -2     14, .941; .957      32, .858; .966
    0      13, .963; .905      29, .891; .908
    2      11, .978; .767      24, .924; .758
"""

_TOGETHER = 500  # links looked at together: a thousand profiles are some megabytes
_IN_ONE_GO = 20  # comparisons before others have their turn: some 10 ms


@dataclass(frozen=True, slots=True)
class Pair:
    """Two living profiles that may be one person, as they are today, and what speaks for it."""

    link: Link
    one: Profile
    other: Profile
    comparison: Comparison


async def waiting(
    store: Store, profiles: ProfileReader, judgements: Judgements, limit: int, profile: str | None = None
) -> tuple[list[Pair], int]:
    """The likeliest pairs that nobody has judged, best first, at most `limit` of them; and how many there are.

    profile: only the pairs of this one, by any id that leads to it.
    """
    best: list[tuple[float, str, Pair]] = []
    seen: set[str] = set()
    counts = Counted(await store.contacts.count(Collection.PROFILES))
    async for links in _links(store):
        living = await profiles.living({profile for link in links for profile in link.profiles})
        for number, link in enumerate(links):
            if number % _IN_ONE_GO == 0:
                await asyncio.sleep(0)
            served = [living[id_] for id_ in link.profiles if id_ in living]
            if len(served) < 2 or (profile is not None and profile not in (served[0].id, served[1].id, *link.profiles)):
                continue
            one, other = (side.whole() for side in served)
            if (key := link_key(one.id, other.id)) in seen or (pair := _pair(link, one, other, judgements, counts)) is None:
                continue
            seen.add(key)
            entry = (pair.comparison.score, key, pair)
            if len(best) < limit:
                heapq.heappush(best, entry)
            else:
                heapq.heappushpop(best, entry)
    return [pair for _, _, pair in sorted(best, key=lambda entry: (-entry[0], entry[1]))], len(seen)


async def _links(store: Store) -> AsyncIterator[list[Link]]:
    links: list[Link] = []
    async for document in store.contacts.scan(Collection.LINKS):
        links.append(Link.model_validate_json(document.body))
        if len(links) == _TOGETHER:
            yield links
            links = []
    yield links


def _pair(link: Link, one: Profile, other: Profile, judgements: Judgements, counts: Counted) -> Pair | None:
    """None where nothing is left to judge, or where too little speaks for one person.

    Where no jobs tell two apart, their name must be as rare as the resolver asks of a record: all others of the name live somewhere, too.
    Two that were parted (indexer/grown.py) are told whatever speaks for them: nothing did when they were.
    """
    if one.id == other.id or judgements.between(one.records, other.records) is not None:
        return None
    weights = weights_for_wholes()
    found = compare(traits_of_profile(one), traits_of_profile(other), counts, weights)
    likely = not found.veto and found.score >= WORTH_JUDGING and (found.of_jobs or found.groups[0] >= weights.limits.name)
    return Pair(link, one, other, found) if likely or link.score < weights.limits.possible else None


def pair_answer(pair: Pair) -> dict[str, Any]:
    """A pair as JSON: both profiles as a search shows them, and the evidence without the values."""
    return {
        "profiles": [{"id": profile.id, **shown_texts(profile)} for profile in (pair.one, pair.other)],
        "score": round(pair.comparison.score, 1),
        "because": [found.words() for found in pair.comparison.evidence],
        "weights": weights_for_wholes().version,
        "at": pair.link.at.isoformat(),
    }
