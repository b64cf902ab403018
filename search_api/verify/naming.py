"""Is the name asked about that of a holder? The same, spelt in another way, perhaps the same, or somebody else's.

Names are compared as the resolver compares them; what is added here is what a contact detail itself says, which is often spelt with its
owner's name, and who else at the company is called like it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from profiles.models import Profile, ValueKind
from profiles.normalise.name import formal_names
from profiles.normalise.result import Normalised
from profiles.resolve.compare import NameParts, names_agree, parts_of
from profiles.resolve.likeness import is_a_letter_apart, may_be_one_name
from profiles.resolve.names import Likeness, NameForm, match_forms, word_likeness
from search_api.verify.work import work_of


def name_of(name: Normalised) -> NameParts:
    """A name as it is compared."""
    parts = name.parts
    return tuple(parts["given_tokens"]), tuple(parts["family_tokens"]), parts["suffix"].lower().rstrip(".")


def agrees(asked: NameParts, profile: Profile) -> bool:
    """Whether the profile is of somebody of this name: words written together or apart, and in either order, are the same
    ("Xinying", "Xin-Ying"), and so are spellings of one sound ("Al-Masri", "Elmasri").
    """
    names = parts_of(profile.values)
    return names_agree([asked], names) or _is_in_other_order(asked, names) or _sounds(asked, names)


def _is_in_other_order(asked: NameParts, names: Sequence[NameParts]) -> bool:
    whole = {"".join((*asked[0], *asked[1])), "".join((*asked[1], *asked[0]))}
    return any("".join((*given, *family)) in whole for given, family, _ in names)


def spells(profile: Profile, asked: NameParts) -> bool:
    """Whether the profile has the name letter by letter and word by word, given and family name in either order."""
    return any({asked[:2], asked[1::-1]} & {name[:2]} for name in parts_of(profile.values))


def are_two(one: Profile, other: Profile) -> bool:
    """Whether two profiles of like names are shown to be two people's: each has addresses, or pages of one network, and none in common.

    Where one of them has none they may be one person's, whose records have not come together.
    """
    details: list[dict[str, set[str]]] = []
    for profile in (one, other):
        held: dict[str, set[str]] = {"email": {value.keys[0] for value in profile.of(ValueKind.EMAIL) if not value.parts.get("role")}}
        for value in profile.of(ValueKind.LINK):
            held.setdefault(str(value.parts.get("network")), set()).add(value.keys[0])
        details.append(held)
    return any(values and (others := details[1].get(kind)) and not values & others for kind, values in details[0].items())


def is_slip(asked: NameParts, profile: Profile, company: Normalised, colleagues: Sequence[Profile]) -> bool:
    """Whether a holder's name is most likely the asked one misspelt, shortened to an initial, or in another romanisation: it is like it,
    and none of the colleagues, who are all that may be called so at the company, is called like either.

    Feeds misspell more often than two people whose names differ in a letter work at one company, and where they do, both are usually held.
    What several sources spell alike is no slip.
    """
    by_one = [value for value in profile.of(ValueKind.NAME) if len({source.source_id for source in value.sources}) == 1]
    names = [name for name in parts_of(by_one) if _is_like(asked, name)]
    if not names or not work_of(profile, company).asked:
        return False
    theirs = [name for one in colleagues if work_of(one, company).asked for name in parts_of(one.values)]
    return not any(_is_like(one, name) for one in (asked, *names) for name in theirs)


_ONE_SOUND = frozenset({Likeness.EXACT, Likeness.NICKNAME, Likeness.SOUND})


def _sounds(asked: NameParts, names: Sequence[NameParts]) -> bool:
    """Whether a name is the asked one but for nicknames and ways to spell a sound."""
    found = (match_forms(NameForm(*asked), NameForm(*name)) for name in names if not (asked[2] and name[2] and asked[2] != name[2]))
    return any({match.given, match.family} <= _ONE_SOUND for match in found)


def bears(asked: NameParts, kind: ValueKind, found: Normalised, profile: Profile, company: Normalised | None) -> bool:
    """Whether the value is spelt with the asked name, and its holder may be that person: misspelt, or in another language or script."""
    own = _own_words(kind, found)
    if _signs_as(asked, profile) and any(_is_like(asked, name) or may_be_one_name(asked, name) for name in parts_of(profile.values)):
        return True
    if not any(word in own for word in asked[0] if len(word) > 2):
        return False
    wholly = any(word in own for word in asked[1] if len(word) > 2)
    if not any(_is_latin(name.value) for name in profile.of(ValueKind.NAME)):
        return wholly
    alike = wholly and any(may_be_one_name(asked, names) for names in parts_of(profile.values))
    return alike or _is_colleague_of_the_family(asked, profile, company)


def may_be_the_same(asked: NameParts, profile: Profile, company: Normalised | None) -> bool:
    """Whether a holder of another name may be the person after all: a name like it, in another script, or of the family at the company."""
    names = parts_of(profile.values)
    if any(may_be_one_name(asked, name) for name in names) or any(_is_like(asked, name) for name in names):
        return True
    other_script = not any(_is_latin(name.value) for name in profile.of(ValueKind.NAME))
    return other_script or _is_colleague_of_the_family(asked, profile, company)


def _is_like(asked: NameParts, name: NameParts) -> bool:
    match = match_forms(NameForm(*asked), NameForm(*name))
    return not {match.given, match.family} & {Likeness.DIFFERENT, Likeness.MISSING}


def _is_colleague_of_the_family(asked: NameParts, profile: Profile, company: Normalised | None) -> bool:
    return company is not None and _of_one_family(asked, profile) and bool(work_of(profile, company).asked)


def _of_one_family(asked: NameParts, profile: Profile) -> bool:
    return any(set(asked[1]) & {*given, *family} for given, family, _ in parts_of(profile.values))


def _is_latin(name: str) -> bool:
    return all("LATIN" in unicodedata.name(letter, "") for letter in name if letter.isalpha())


def _own_words(kind: ValueKind, found: Normalised) -> str:
    """The part of a value that its owner may have chosen."""
    return str(found.parts["local"] if kind is ValueKind.EMAIL else found.parts["handle"] if kind is ValueKind.LINK else "")


def _signs_as(asked: NameParts, profile: Profile) -> bool:
    """Whether an address or a page of the profile, whichever, is spelt with the whole asked name: by that its owner is called so, however
    a record misspells it.
    """
    texts = [str(value.parts.get("local") or "") for value in profile.of(ValueKind.EMAIL)]
    texts += [str(value.parts.get("handle") or "") for value in profile.of(ValueKind.LINK)]
    return any(_is_spelt_out(asked, text) for text in texts)


def _is_spelt_out(asked: NameParts, text: str) -> bool:
    """Whether a text has first and family name, by letters or by sound."""
    needed = [word for word in (*asked[0][:1], *asked[1]) if len(word) > 2]
    return len(needed) > 1 and all(word in text or _is_heard(word, text) for word in needed)


def _is_heard(word: str, text: str) -> bool:
    """Whether a word of a text is another way to write a word: "loewer" for Löwer."""
    return any(word_likeness(word, one) is Likeness.SOUND for one in re.findall(r"[a-z]+", text))


def is_spelt_alike(asked: NameParts, kind: ValueKind, found: Normalised, profile: Profile) -> bool:
    """Whether given and family name stand in a name of the profile letter by letter (nicknames and initials aside), or in the value itself.

    People whose names differ in a letter work side by side.
    """
    own, names = _own_words(kind, found), parts_of(profile.values)
    family = [word for word in asked[1] if len(word) > 2]
    held = [word for given, words, _ in names for word in (*given, *words)]
    if _sounds(asked, names) or _is_in_other_order(asked, names) or _signs_as(asked, profile):
        return True
    full = [word for word in held if len(word) > 1] or held  # an initial is the shorter form of a name that stands beside it
    given_alike = any(_is_same_given(one, other) for one in asked[0] for other in full)
    joined_alike = any("".join(asked[0]) == "".join(given) for given, _, _ in names)
    family_alike = _of_one_family(asked, profile) or any(word in own for word in family)
    return family_alike and (given_alike or joined_alike or any(word in own for word in asked[0] if len(word) > 2))


def is_spelt_with_anothers(asked: NameParts, kind: ValueKind, found: Normalised, profile: Profile) -> bool:
    """Whether a value is spelt with a name a letter apart from the asked one: of two such people it is the other's."""
    own, names = _own_words(kind, found), parts_of(profile.values)
    family = [word for word in asked[1] if len(word) > 2]
    held = [word for given, words, _ in names for word in (*given, *words)]
    unheld = [word for word in asked[0] if word not in held]
    if any(_is_anothers(word, mine, own) for word in held for mine in (unheld, family)):
        return True
    if _is_in_other_order(asked, names) or _is_spelt_out(asked, own):
        return False
    letters = "".join(letter for letter in own if letter.isalpha())
    wholes = ("".join((*asked[0], *asked[1])), "".join((*asked[1], *asked[0])))
    return any(is_a_letter_apart(letters, whole) for whole in wholes)


def _is_anothers(word: str, mine: Sequence[str], own: str) -> bool:
    """Whether a value is spelt with a word that is a letter apart from one of mine, and not with mine."""
    if len(word) < 3 or word in mine or word not in own:
        return False
    return any(word_likeness(word, one) is Likeness.NEAR and (one not in own or one in word) for one in mine)


def _is_same_given(one: str, other: str) -> bool:
    return one == other or one == other[0] or other == one[0] or bool(set(formal_names(one)) & set(formal_names(other)))
