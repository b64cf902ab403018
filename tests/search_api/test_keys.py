"""API keys: who gets in, and where the server may listen without one."""

from __future__ import annotations

import pytest

from profiles.errors import AccessRefused, SettingsInvalid
from search_api.keys import check_key, is_loopback, key_digest, make_key, may_listen, read_digests


def test_a_key_opens_with_its_digest_alone() -> None:
    """What is kept lets the key in and cannot be turned back into it; two keys are never alike."""
    key, digest = make_key()
    assert key_digest(key) == digest
    assert key not in digest
    assert len({make_key()[0] for _ in range(100)}) == 100
    check_key({"Authorization": f"Bearer {key}"}, frozenset({digest, key_digest("other")}))
    check_key({"X-API-Key": key}, frozenset({digest}))
    check_key({"Authorization": f"bearer  {key} "}, frozenset({digest}))


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic x"}, {"X-API-Key": "é\udcff"}])
def test_anything_else_stays_out(headers: dict[str, str]) -> None:
    """No key, a wrong key or a wrong scheme is refused, and the refusal repeats nothing of it."""
    with pytest.raises(AccessRefused) as caught:
        check_key(headers, frozenset({make_key()[1]}))
    assert "Authorization: Bearer KEY" in str(caught.value)


def test_digests_are_read_from_a_setting() -> None:
    """Commas and blanks both separate digests; a key pasted instead of its digest is refused without being repeated."""
    one, two = make_key()[1], make_key()[1]
    assert read_digests(f" {one},{two.upper()}\n") == {one, two}
    assert read_digests("") == frozenset()
    key = make_key()[0]
    with pytest.raises(SettingsInvalid) as caught:
        read_digests(key)
    assert key not in str(caught.value)


def test_without_a_key_only_this_machine_is_served() -> None:
    """Listening where others could reach it needs a key, and the refusal says what to run."""
    for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        assert is_loopback(host)
        may_listen(host, frozenset())
    for host in ("0.0.0.0", "::", "192.0.2.1", "roster.example", ""):  # noqa: S104  # the very thing that is refused
        with pytest.raises(SettingsInvalid, match="roster keys make"):
            may_listen(host, frozenset())
        may_listen(host, frozenset({make_key()[1]}))
