"""The embedded engine does all that the mapping file asks, and refuses what it cannot do instead of doing something else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import tantivy

from engines.embedded.schema import MappingError, build_schema
from engines.embedded.snapshot import open_index
from mappings.reading import load_mapping, load_released


@pytest.mark.parametrize("version", sorted(load_released()))
def test_the_engine_supports_every_mapping(version: int) -> None:
    """Each field type and each part of an analyzer in the mapping files is one this engine has."""
    mapping = load_mapping(version)
    schema = build_schema(mapping)
    assert set(schema.types) == set(mapping["mappings"]["properties"])
    assert set(schema.analyzers) == set(mapping["settings"]["analysis"]["analyzer"])


def test_analyzers_split_and_fold_as_the_mapping_says() -> None:
    """Words are split at blanks and lower-cased, codes keep their case, in this engine as in the mapping."""
    analyzers = build_schema(load_mapping()).analyzers
    assert analyzers["tokens"].analyze("C++ Node.js") == ["c++", "node.js"]
    assert analyzers["name_phonetic"].analyze("m:SMT m:0X") == ["m:SMT", "m:0X"]


def _field(**spec: Any) -> Callable[[dict[str, Any]], None]:
    return lambda mapping: mapping["mappings"]["properties"].update(new=spec)


def _analyzer(**spec: Any) -> Callable[[dict[str, Any]], None]:
    return lambda mapping: mapping["settings"]["analysis"]["analyzer"].update(new=spec)


@pytest.mark.parametrize(
    "change",
    [
        _field(type="nested"),
        _field(type="keyword", normalizer="lowercase"),
        _field(type="text"),
        _field(type="text", analyzer="unknown"),
        _field(type="text", analyzer="tokens", fields={"raw": {"type": "keyword"}}),
        _field(),
        _analyzer(type="custom", tokenizer="standard", filter=[]),
        _analyzer(type="custom", tokenizer="whitespace", filter=["phonetic"]),
        _analyzer(type="custom", tokenizer="whitespace", char_filter=["html_strip"]),
        _analyzer(type="english"),
        lambda mapping: mapping["mappings"].update(dynamic="true"),
        lambda mapping: mapping["mappings"]["properties"].update(roster_row={"type": "keyword"}),
    ],
)
def test_what_the_engine_cannot_do_is_an_error(change: Callable[[dict[str, Any]], None]) -> None:
    """A field type, option or analyzer part this engine does not know stops it, so that two engines cannot drift apart unnoticed."""
    mapping = copy.deepcopy(load_mapping())
    change(mapping)
    with pytest.raises(MappingError):
        build_schema(mapping)


def test_another_mapping_means_another_index(tmp_path: Any) -> None:
    """An index carries the fingerprint of what built it: any change of the mapping gives another."""
    mapping = load_mapping()
    changed = copy.deepcopy(mapping)
    changed["mappings"]["properties"]["salary"] = {"type": "keyword"}
    assert build_schema(mapping).fingerprint == build_schema(load_mapping()).fingerprint
    assert build_schema(mapping).fingerprint != build_schema(changed).fingerprint
    assert isinstance(open_index(tmp_path, build_schema(changed)), tantivy.Index)
