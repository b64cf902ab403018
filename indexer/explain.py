"""Why two profiles or records are one person, or are not: the evidence as the resolver weighs it today, and what people said."""

from __future__ import annotations

from dataclasses import dataclass

from engines.base import Collection, Reader, Writer
from indexer.frequencies import sampled
from indexer.judging import load_judgements
from indexer.view import View
from profiles.judgement import Judgement
from profiles.models import SourceRecord
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


async def explain(store: Reader | Writer, one: tuple[str, ...], other: tuple[str, ...]) -> Explained:
    """Compare two groups of records, by their keys, as an ingest would today: as wholes, and as it gives a record to a person."""
    view, weights, strict = View(store.contacts, await load_judgements(store)), weights_for_wholes(), shipped_weights()
    found = await store.contacts.get_many(Collection.RECORDS, [*one, *other])
    records = {key: SourceRecord.model_validate_json(document.body) for key, document in found.items()}
    for record in records.values():
        await view.load_keys(record)
    ours, theirs = (gathered(records[key] for key in keys if key in records) for keys in (one, other))
    counts = Counts(await sampled(store.contacts), view)
    comparison = compare(ours, theirs, counts, weights)
    enough = fits(comparison, weights) or fits(compare(ours, theirs, counts, strict), strict)
    return Explained(comparison, enough, view.judgements.between(one, other), weights.version)
