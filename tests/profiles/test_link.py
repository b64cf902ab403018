"""Promises about social profiles."""

from __future__ import annotations

import pytest

from profiles.normalise.link import NETWORKS, normalise_link
from profiles.normalise.result import Normalised, Refused


def link(text: str, network: str = "") -> Normalised:
    found = normalise_link(text, network)
    assert isinstance(found, Normalised), found
    return found


@pytest.mark.parametrize(
    ("text", "network", "key"),
    [
        ("https://www.linkedin.com/in/jane-doe", "", "linkedin:jane-doe"),
        ("de.linkedin.com/in/Jane-Doe/", "", "linkedin:jane-doe"),
        ("HTTPS://WWW.LINKEDIN.COM/IN/JANE-DOE", "", "linkedin:jane-doe"),
        ("http://linkedin.com/in/jane-doe/de?trk=public_profile#top", "", "linkedin:jane-doe"),
        ("https://m.linkedin.com/mwlite/in/jane-doe", "", "linkedin:jane-doe"),
        ("in/jane-doe", "LinkedIn", "linkedin:jane-doe"),
        ("jane-doe", "linkedin", "linkedin:jane-doe"),
        ("https://www.linkedin.com/pub/jane-doe/1/2a/3b3", "", "linkedin:jane-doe-3b302a1"),
        ("https://www.linkedin.com/in/j%C3%BCrgen-m%c3%bcller", "", "linkedin:jürgen-müller"),
        ("linkedin.com/in/jürgen-müller", "", "linkedin:jürgen-müller"),
        ("SenatorCantwell", "twitter", "x:senatorcantwell"),
        ("@SenatorCantwell", "x", "x:senatorcantwell"),
        ("https://mobile.twitter.com/SenatorCantwell/status/1", "", "x:senatorcantwell"),
        ("https://twitter.com/#!/SenatorCantwell", "", "x:senatorcantwell"),
        ("https://x.com/intent/user?screen_name=SenatorCantwell", "", "x:senatorcantwell"),
        ("https://github.com/JaneDoe/project", "", "github:janedoe"),
        ("janedoe.github.io", "", "github:janedoe"),
        ("https://www.facebook.com/profile.php?id=1000123", "", "facebook:1000123"),
        ("https://m.facebook.com/people/Jane-Doe/1000123/", "", "facebook:1000123"),
        ("https://de-de.facebook.com/Jane.Doe", "", "facebook:janedoe"),
        ("https://www.instagram.com/jane.doe/?hl=en", "", "instagram:jane.doe"),
        ("https://www.xing.com/profile/Jane_Doe2/cv", "", "xing:jane_doe2"),
        ("@Jane@social.example", "", "mastodon:jane@social.example"),
        ("https://social.example/@jane", "", "mastodon:jane@social.example"),
        ("jane@social.example", "mastodon", "mastodon:jane@social.example"),
        ("https://bsky.app/profile/jane.bsky.social", "", "bluesky:jane.bsky.social"),
        ("@jane.bsky.social", "", "bluesky:jane.bsky.social"),
        ("jane", "bluesky", "bluesky:jane.bsky.social"),
        ("https://www.youtube.com/@JaneDoe", "", "youtube:janedoe"),
        ("https://www.youtube.com/c/JaneDoe/videos", "", "youtube:janedoe"),
        ("youtube.com/user/JaneDoe", "", "youtube:janedoe"),
        ("https://www.youtube.com/channel/UCabcdefghijklmnopqrstuV", "", "youtube:UCabcdefghijklmnopqrstuV"),
    ],
)
def test_a_profile_is_the_same_however_its_address_is_written(text: str, network: str, key: str) -> None:
    """Country hosts, languages, tracking, case, old addresses, bare handles: one profile, and the way back from its url."""
    found = link(text, network)
    assert found.keys[0] == key
    assert found.parts["network"] == key.split(":")[0]
    assert link(found.value).keys == found.keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://www.linkedin.com/company/acme",
        "https://www.linkedin.com/feed/",
        "https://www.linkedin.com/in/",
        "https://x.com/home",
        "https://x.com/i/lists/1",
        "https://github.com/orgs/acme",
        "https://github.com/features",
        "https://www.facebook.com/groups/acme",
        "https://www.facebook.com/sharer.php?u=x",
        "https://www.instagram.com/p/abc/",
        "https://www.xing.com/companies/acme",
        "https://youtube.com/watch?v=abc",
        "https://bsky.app/",
        "https://acme.example/",
        "https://tiktok.com/@jane",
        "jane",
        "@jane",
        "https://[bad",
        "https://linkedin.com",
        "x" * 3000,
    ],
)
def test_what_is_nobodys_profile_is_refused_with_a_reason(text: str) -> None:
    """Companies, groups, posts, the network's own pages and other sites are not taken for persons."""
    found = normalise_link(text)
    assert isinstance(found, Refused)
    assert found.reason


def test_an_address_of_another_network_wins_over_the_field_it_stands_in() -> None:
    """An x.com address in a LinkedIn field is a profile on X; a sentence is none anywhere."""
    assert link("https://x.com/jane", "linkedin").keys == ("x:jane",)
    assert isinstance(normalise_link("Office of Jane Doe", "facebook"), Refused)
    assert isinstance(normalise_link("jane", "myspace"), Refused)


@pytest.mark.parametrize("network", [n.name for n in NETWORKS])
def test_every_network_takes_a_bare_handle(network: str) -> None:
    """A feed that gives handles in a field of their own needs no url."""
    handle = "jane@social.example" if network == "mastodon" else "janedoe"
    found = link(handle, network)
    assert found.parts["network"] == network
    assert link(found.value).keys == found.keys
