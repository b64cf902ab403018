"""Verdicts on profile links: network, handle, canonical address, and whose profile has it. The network is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiles.errors import Suppressed
from profiles.models import ValueKind
from profiles.normalise.link import normalise_link
from profiles.normalise.result import Refused
from search_api.clean.schemas import ProfileLinkQuestion
from search_api.tasks import Outcome
from search_api.verify.service import UNKNOWN, Verifier, at


async def verify_links(service: Verifier, asked: Sequence[ProfileLinkQuestion]) -> list[Outcome]:
    """A verdict for each link: schemas.ProfileLinkVerdict, or Suppressed."""
    read = [normalise_link(one.link, one.network) for one in asked]
    outcomes: list[Outcome] = []
    for found in await service.look_up(ValueKind.LINK, read):
        now = at(service.now())
        if isinstance(found, Suppressed):
            outcomes.append(found)
        elif isinstance(found, Refused):
            nothing: dict[str, Any] = dict.fromkeys(("link", "network", "handle", "profile"))
            outcomes.append({**nothing, "status": "invalid", "reason": found.reason, "checked_at": now, "known": UNKNOWN})
        else:
            link, holders = found
            one = holders.profiles[0].id if len(holders.profiles) == 1 else None
            known = await service.known(ValueKind.LINK, link, holders)
            parts = {"link": link.value, "network": link.parts["network"], "handle": link.parts["handle"], "profile": one}
            outcomes.append({**parts, "status": "valid", "reason": None, "checked_at": now, "known": known})
    return outcomes
