"""Mapping and ranking files: released ones do not change, and a weight that makes no sense is refused."""

from __future__ import annotations

import copy

import pytest

from mappings.reading import CURRENT_VERSION, fingerprint, load_mapping, load_ranking, load_released, read_ranking


def test_released_mappings_do_not_change() -> None:
    """A mapping file once released stays as it is: a change needs a new version, whose indexes are built anew."""
    for version, released in load_released().items():
        found = fingerprint(load_mapping(version))
        assert found == released, (
            f'profile.v{version}.toml changed. Before its first release, write `{version} = "{found}"` into released.lock'
        )


def test_the_current_mapping_is_listed() -> None:
    """The version in use exists, says so itself, and is in released.lock."""
    assert load_mapping()["version"] == CURRENT_VERSION
    assert max(load_released()) == CURRENT_VERSION
    with pytest.raises(FileNotFoundError):
        load_mapping(CURRENT_VERSION + 1)


def test_a_fingerprint_is_of_the_content() -> None:
    """The order of keys does not matter, every value does."""
    mapping = load_mapping()
    turned = {key: mapping[key] for key in reversed(mapping)}
    assert fingerprint(turned) == fingerprint(mapping)
    changed = copy.deepcopy(mapping)
    changed["mappings"]["properties"]["email"]["type"] = "text"
    assert fingerprint(changed) != fingerprint(mapping)
    assert len(fingerprint(mapping)) == 12


def test_every_shipped_weight_says_why() -> None:
    """Each weight of ranking.toml has a comment beside it: a number without a reason cannot be judged."""
    from importlib.resources import files

    for line in files("mappings").joinpath("ranking.toml").read_text().splitlines():
        if "=" in line.partition("#")[0]:
            assert line.partition("#")[2].strip(), line


def test_names_are_weighted_in_order_of_evidence() -> None:
    """A nickname counts more than sound and edit distance together, sound more than edit distance; whoever is spelt so has all of these."""
    weight = {kind: load_ranking().weight("name", kind) for kind in ("nickname", "phonetic", "one_edit", "two_edits")}
    assert weight["nickname"] > weight["phonetic"] + weight["one_edit"] + weight["two_edits"]
    assert weight["phonetic"] > weight["one_edit"] + weight["two_edits"]


def test_a_weight_that_is_missing_is_named() -> None:
    """Asking for a weight the file does not have says which."""
    with pytest.raises(KeyError, match="salary"):
        load_ranking().weight("salary", "exact")
    with pytest.raises(KeyError, match="smell"):
        load_ranking().weight("name", "smell")


@pytest.mark.parametrize("weight", ["0", "-1.0", "nan", "inf", "true", '"1"'])
def test_a_weight_must_be_a_number_greater_than_nothing(weight: str) -> None:
    """A weight of zero, below, or no number at all is refused by name."""
    with pytest.raises(ValueError, match="exact"):
        read_ranking(f"[name]\nexact = {weight}")
    with pytest.raises(ValueError, match="loose"):
        read_ranking("loose = 1.0")
    assert read_ranking("[name]\nexact = 2").weight("name", "exact") == 2.0
