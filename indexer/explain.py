"""Why two profiles or records are one person, or are not: the evidence as the resolver weighs it today, and what people said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from engines.base import Collection, Reader, Writer
from indexer.frequencies import sampled
from indexer.judging import load_judgements
from indexer.view import View
from privacy.reading import ProfileReader
from profiles.judgement import Judgement
from profiles.merge import identity
from profiles.models import Profile, SourceRecord
from profiles.resolve.choose import fits
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.sample import Counts
from profiles.resolve.traits import gathered
from profiles.resolve.weights import shipped_weights, weights_for_wholes


@dataclass(frozen=True, slots=True)
class Explained:
    """comparison: of the records of one with those of the other, as wholes.    enough: whether evidence makes them one by itself.

    judgement: the word that holds between them, if there is one.    weights: version of the weights.
    """

    comparison: Comparison
    enough: bool
    judgement: Judgement | None
    weights: str


async def explain(store: Reader | Writer, one: tuple[str, ...], other: tuple[str, ...], today: Callable[[], date]) -> Explained:
    """Compare two groups of records, by their keys, as an ingest would: as wholes, and as it gives a record to a person.

    Evidence names values; so what is past its day by `today` is left out, purged or not. An ingest counts it until `expire` purges it,
    and may have joined two between whom this finds too little.
    """
    view, weights, strict = View(store.contacts, await load_judgements(store)), weights_for_wholes(), shipped_weights()
    found = await store.contacts.get_many(Collection.RECORDS, [*one, *other])
    held = [SourceRecord.model_validate_json(document.body) for document in found.values()]
    living = await ProfileReader(store, today).living({record.profile_id for record in held})
    records = {record.key: record for record in _served(held, [profile.whole() for profile in living.values()])}
    for record in records.values():
        await view.load_keys(record)
    ours, theirs = (gathered(records[key] for key in keys if key in records) for keys in (one, other))
    counts = Counts(await sampled(store.contacts), view)
    comparison = compare(ours, theirs, counts, weights)
    enough = fits(comparison, weights) or fits(compare(ours, theirs, counts, strict), strict)
    return Explained(comparison, enough, view.judgements.between(one, other), weights.version)


def _served(records: Iterable[SourceRecord], profiles: Iterable[Profile]) -> Iterable[SourceRecord]:
    """The records with only what living profiles may still show of them."""
    shown = {(*identity(value), f"{s.source_id}/{s.record_id}") for profile in profiles for value in profile.values for s in value.sources}
    for record in records:
        kept = tuple(o for o in record.observations if (*identity(o), record.key) in shown)
        yield record.model_copy(update={"observations": kept})
