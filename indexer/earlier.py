"""What earlier versions of records said, as evidence: an employer left, a town moved away from.

Of a value that a record holds no longer, a keyed hash is left with the day it was first seen (clock.py). A record that comes later and has
that very value, from a list that is seldom renewed, would have joined the person had it come in time; so that the order of deliveries does
not decide, whoever it may be about is asked whether her records once said the same. The value is read from the record that came: of a hash
nothing is read, and one whose value might no longer be held is not asked. Contact details are not asked after at all: an address or a
number that was given up may be another's by now, and a source may have taken it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from indexer.clock import Digest
from indexer.person import Person
from profiles.models import SourceRecord, ValueKind
from profiles.resolve.traits import Said, Span, Traits, together, traits_from
from profiles.retention import Periods, expires_at

ASKED = frozenset({ValueKind.COMPANY, ValueKind.JOB_TITLE, ValueKind.LOCATION})
"""Kinds of value that stay true of a person when they are over."""


@dataclass(frozen=True, slots=True)
class EarlierVersions:
    """Asks them.    periods: source id -> days per kind of value.    digest: the keyed hash that marks are made with."""

    periods: Mapping[str, Periods]
    today: date
    digest: Digest

    def traits(self, person: Person, record: SourceRecord) -> Traits | None:
        """What is known of a person, with what her records once said as the record says now; None where that is nothing more.

        The person's records must have been read.
        """
        marks = {
            (mark.kind, mark.digest): mark.first_seen.toordinal()
            for held in person.records.values()
            for mark in held.first_sights
            if mark.kind in ASKED and expires_at(mark.kind, mark.first_seen, self.periods[held.source_id], held.valid_until) > self.today
        }
        if not marks:
            return None
        said = [
            Said(o.kind, o.keys, o.parts, Span(day, day))
            for o in record.observations
            if o.kind in ASKED and (day := marks.get((o.kind, self.digest(o.kind, o.keys[0])))) is not None
        ]
        if not said:
            return None
        return together((person.traits(), traits_from(said, 0)))
