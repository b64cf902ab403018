"""Who asked not to be held is not held again, in any spelling, and the list itself tells nobody who that is (D01-D04)."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.base import Collection
from privacy.suppressing import suppress
from privacy.suppression import KEY_FILE, SuppressionKey, SuppressionList, canonical_forms, identify
from profiles.errors import InputInvalid, SettingsInvalid
from profiles.models import Observation, ValueKind
from profiles.resolve.keys import key_of
from tests.privacy.conftest import KEY, Room, observed, record
from tests.privacy.source_files import TODAY

EMAIL, PHONE, LINK = ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK
ANN = ((EMAIL, "ann.archer@acme.example"), (PHONE, "+49 171 3920012"), (LINK, "https://www.linkedin.com/in/ann-archer"))
SPELLINGS = {
    EMAIL: [
        "ann.archer@acme.example", "Ann.Archer@ACME.example", "ANN.ARCHER@ACME.EXAMPLE", " ann.archer@acme.example ",
        "mailto:ann.archer@acme.example", "ann.archer+news@acme.example", "Ann.Archer+Offers@Acme.Example", "<ann.archer@acme.example>",
    ],
    PHONE: ["+442079460123", "+44 20 7946 0123", "+44 (0)20 7946 0123", "0044 20 7946 0123", "+44-20-7946-0123", "tel:+44-20-7946-0123"],
    LINK: [
        "https://www.linkedin.com/in/ann-archer", "http://linkedin.com/in/ann-archer/", "linkedin.com/in/Ann-Archer",
        "https://uk.linkedin.com/in/ann-archer?trk=public_profile", "https://www.linkedin.com/in/ann-archer/en#top",
        "HTTPS://WWW.LINKEDIN.COM/in/ann-archer/?utm_source=share",
    ],
}  # fmt: skip
EACH = [(kind, text) for kind, texts in SPELLINGS.items() for text in texts]


def forms(kind: ValueKind, text: str) -> set[str]:
    found = identify(kind, text, "GB")
    return set(canonical_forms(kind, found.keys, found.parts.get("variants") or ()))


@pytest.mark.parametrize(("kind", "text"), EACH)
async def test_d02_any_spelling_of_a_suppressed_identifier_is_refused(room: Room, kind: ValueKind, text: str) -> None:
    """Suppressed in one spelling, delivered in any other: the record is not taken."""
    await room.list.add(kind, text, "GB")
    matches = await room.list.match([record("1", "Ann Archer", (kind, again)) for again in SPELLINGS[kind]])
    assert [again for again, match in zip(SPELLINGS[kind], matches, strict=True) if not match.suppressed] == []


@given(
    local=st.from_regex(r"[a-z][a-z0-9]{2,8}(\.[a-z0-9]{1,6})?", fullmatch=True),
    domain=st.sampled_from(["acme.example", "mail.acme.test", "gmail.com"]),
    tag=st.from_regex(r"(\+[a-z0-9]{1,6})?", fullmatch=True),
    shout=st.booleans(),
)
def test_d02_every_address_is_recognised_with_tag_and_case_changed(local: str, domain: str, tag: str, shout: bool) -> None:
    """Upper case and plus tags never make another address of a suppressed one, in whichever form it was suppressed."""
    plain, changed = f"{local}@{domain}", f"{local}{tag}@{domain}"
    changed = changed.upper() if shout else changed
    assert forms(EMAIL, plain) & forms(EMAIL, changed)


def test_d02_dots_of_gmail_do_not_count() -> None:
    """Where the provider ignores dots, so do we; elsewhere two addresses stay two."""
    assert forms(EMAIL, "annarcher@gmail.com") & forms(EMAIL, "ann.archer@gmail.com")
    assert not forms(EMAIL, "annarcher@acme.example") & forms(EMAIL, "ann.archer@acme.example")


@given(
    last=st.integers(0, 999),
    style=st.sampled_from(["+44 20 7946 0{}", "020 7946 0{}", "(020) 7946-0{}", "0044 2079460{}", "+44.20.7946.0{}"]),
)
def test_d02_every_way_to_write_a_number_is_the_number(last: int, style: str) -> None:
    """National, international, with brackets, dots and dashes: the same number."""
    assert forms(PHONE, style.format(f"{last:03}")) == {f"+442079460{last:03}"}


async def test_d02_others_are_still_taken(room: Room) -> None:
    """Suppressing one person refuses nobody else, not even a namesake."""
    await room.list.add(*ANN[0])
    others = [record("1", "Ann Archer", (EMAIL, "ann.archer@other.example")), record("2", "Bob Archer", ANN[1])]
    assert [(m.suppressed, m.dropped) for m in await room.list.match(others)] == [(False, ()), (False, ())]


async def test_a_role_mailbox_is_dropped_and_its_people_stay(room: Room) -> None:
    """A company that wants its info@ address out does not take its staff out of the index."""
    await room.list.add(EMAIL, "info@acme.example")
    (match,) = await room.list.match([record("1", "Ann Archer", (EMAIL, "info@acme.example"), ANN[0])])
    assert not match.suppressed
    assert [seen.value for seen in match.dropped] == ["info@acme.example"]


async def test_d03_somebody_not_held_can_object_beforehand(room: Room) -> None:
    """An objection counts even if there is nothing to erase yet."""
    result = await suppress(room.writer, room.list, *ANN[0], today=TODAY)
    assert result.hidden == ()
    assert result.entries >= 1
    assert (await room.list.match([record("1", "Ann Archer", *ANN)]))[0].suppressed


async def test_d04_the_list_holds_nothing_readable(room: Room) -> None:
    """Dumped, the list shows keyed hashes, kinds, days and scopes: no name, address, number or handle, and no hash without the key."""
    await room.hold(record("1", "Ann Archer", *ANN))
    await suppress(room.writer, room.list, *ANN[1], today=TODAY)
    dump = await room.dump()
    assert {body["kind"] for _, body in dump} == {"email", "phone", "link"}
    for key, body in dump:
        key_id, _, digest = key.partition(":")
        assert key_id == KEY.id
        assert len(bytes.fromhex(digest)) == 32
        assert set(body) == {"kind", "key_id", "created", "scope"}
        assert body["created"] == TODAY.isoformat()
    other = SuppressionKey("other", bytes(32))
    assert not {other.digest(EMAIL, "ann.archer@acme.example"), *(key_of(kind, text) for kind, text in ANN)} & {
        k.split(":")[1] for k, _ in dump
    }
    text = repr(dump).lower()
    assert not [word for word in ("archer", "acme", "3920012", "linkedin") if word in text]


async def test_d01_a_held_person_is_hidden_with_all_that_is_their_own(room: Room) -> None:
    """One address is enough: the person disappears at once, and cannot come back by another address, number or link of theirs."""
    await room.hold(record("1", "Ann Archer", *ANN, (EMAIL, "info@acme.example"), (PHONE, "+44 20 7946 0001")), record("2", "Bob Brewer"))
    result = await suppress(room.writer, room.list, *ANN[0], today=TODAY)
    assert result.hidden == ("p-1",)
    assert await room.hidden() == ["p-1"]
    for value in ANN:
        assert (await room.list.match([record("9", "A. Archer", value)]))[0].suppressed
    kept = [record("3", "Carl Cooper", (EMAIL, "info@acme.example")), record("4", "Dora Dyer", (PHONE, "+44 20 7946 0001"))]
    assert [(m.suppressed, m.dropped) for m in await room.list.match(kept)] == [(False, ()), (False, ())]


async def test_a_number_of_several_people_hides_nobody(room: Room) -> None:
    """A switchboard number is taken out of every profile, and the people stay; the operator is told to ask for something personal."""
    board = (PHONE, "+44 20 7946 0001")
    await room.hold(record("1", "Ann Archer", board, ANN[0]), record("2", "Bob Brewer", board))
    result = await suppress(room.writer, room.list, *board, today=TODAY)
    assert (result.hidden, result.stripped, result.shared) == ((), ("p-1", "p-2"), True)
    (match,) = await room.list.match([record("1", "Ann Archer", board, ANN[0])])
    assert not match.suppressed
    assert [seen.kind for seen in match.dropped] == [PHONE]


async def test_what_others_share_is_not_suppressed_with_a_person(room: Room) -> None:
    """A mobile number once met under two names is not the person's own any more: it does not take the other name down."""
    number = observed(*ANN[1])
    await room.hold(record("1", "Ann Archer", *ANN), shared=[key_of(PHONE, number.keys[0])])
    await suppress(room.writer, room.list, *ANN[0], today=TODAY)
    assert not (await room.list.match([record("2", "Bob Brewer", ANN[1])]))[0].suppressed


async def test_suppressing_twice_changes_nothing(room: Room) -> None:
    """The same again makes no entry; a role mailbox suppressed as a person's own counts from then on as one."""
    assert await room.list.add(*ANN[0], today=date(2026, 1, 1)) >= 1
    before = await room.dump()
    assert await room.list.add(*ANN[0], today=TODAY) == 0
    assert await room.dump() == before
    assert await room.list.add(EMAIL, "info@acme.example") >= 1
    assert await room.list.add(EMAIL, "info@acme.example", scope="person") >= 1
    assert await room.list.add(EMAIL, "info@acme.example") == 0
    assert (await room.list.match([record("1", "Ann Archer", (EMAIL, "info@acme.example"))]))[0].suppressed


@pytest.mark.parametrize(("kind", "text"), [
    (EMAIL, "ann archer"), (EMAIL, ""), (PHONE, "of Ann"), (PHONE, "020 7946 0123"), (LINK, "hello"), (ValueKind.NAME, "Ann Archer"),
])  # fmt: skip
async def test_what_is_no_identifier_is_refused_without_being_repeated(room: Room, kind: ValueKind, text: str) -> None:
    """A typing error is told at once, since an entry that matches nothing would look like a promise."""
    with pytest.raises(InputInvalid) as caught:
        await suppress(room.writer, room.list, kind, text)
    assert not text or text not in str(caught.value)
    assert await room.writer.service.count(Collection.SUPPRESSIONS) == 0


async def test_a_list_made_with_another_key_stops_the_ingest(room: Room) -> None:
    """With a wrong key nothing would match and suppressed people would come back; so nothing is ingested at all."""
    await room.list.add(*ANN[0])
    for key_id in ("a", "z"):
        stranger = SuppressionList(room.writer.service, SuppressionKey(key_id, bytes(32)))
        with pytest.raises(SettingsInvalid, match="suppression key"):
            await stranger.match([record("1", "Ann Archer", *ANN)])


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """Ten processes that start at once all get the same key."""
    with ThreadPoolExecutor(10) as pool:
        keys = set(pool.map(lambda _: SuppressionKey.load_or_create(tmp_path), range(10)))
    assert len(keys) == 1
    file = tmp_path / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert SuppressionKey.from_hex(file.read_text()) in keys


@pytest.mark.parametrize("text", ["", "secret", "00" * 31, "zz" * 32])
def test_a_key_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """A short or broken key is refused, in a setting and in the file, and not shown."""
    (tmp_path / KEY_FILE).write_text(text)
    for make in (lambda: SuppressionKey.from_hex(text), lambda: SuppressionKey.load_or_create(tmp_path)):
        with pytest.raises(SettingsInvalid) as caught:
            make()
        assert not text or text not in str(caught.value)


def test_the_key_does_not_show_in_logs() -> None:
    """Printing a key shows its id only."""
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)


async def test_thousands_of_records_are_matched_in_one_look_up(room: Room) -> None:
    """A batch keeps its order and costs no look-up per record."""
    await room.list.add(EMAIL, "p500@acme.example")
    ann = observed(ValueKind.NAME, "Ann Archer")
    email = observed(EMAIL, "p0@acme.example")
    several = [
        record("1", "Ann Archer").model_copy(update={"observations": (ann, _with(email, f"p{n}@acme.example"))}) for n in range(1000)
    ]
    assert [n for n, match in enumerate(await room.list.match(several)) if match.suppressed] == [500]


def _with(seen: Observation, address: str) -> Observation:
    return seen.model_copy(update={"keys": (address,), "parts": {"variants": []}})
