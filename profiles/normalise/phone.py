"""Phone numbers: E.164, kind and extension by phonenumbers, or the reason why a text is no number."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from profiles.normalise.location import normalise_location
from profiles.normalise.result import Normalised, Refused, Result

LONGEST_TEXT = 120
"""Characters. E.164 allows 15 digits; written with blanks, brackets, a label and an extension a number stays far below this."""

NO_COUNTRY = "no country code in it, and no country known to read it by"
"""Why a text is refused that may well be a number: a national one, of whichever country."""

_ALLOWED = "a number such as +49 30 23125 123, or a national one with its country"

_KINDS = {
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
KINDS = (*_KINDS.values(),)
"""Every word `kind` can be. fixed_or_mobile: the country's numbers do not tell (United States, Canada). company: one for a whole firm."""

_FICTION = (
    (re.compile(r"\+447700900\d{3}"), "GB", "mobile"),  # Ofcom, numbers for drama
    (re.compile(r"\+441154960\d{3}"), "GB", "fixed"),
    (re.compile(r"\+3363998\d{4}"), "FR", "mobile"),  # Arcep, numbers for audiovisual works: 06 39 98 xx xx
)
"""Ranges reserved for fiction that the numbering data leaves out: they reach nobody and are what made-up people have."""

phonenumbers.enable_pattern_cache()
"""The library's patterns are a few thousand, and Python remembers 512 of all a program has: numbers of many countries drop one another."""

_EXTENSION = re.compile(
    r"[\s,;.(-]*\b(?:durchwahl|durchw|dw|nebenstelle|nst|apparat|app|poste|interno|toestel|tst|anknytning|ankn|wewn[eę]trzny|wew|dahili|ramal|"
    r"klapka|mell[eé]k|linka|lok)\b[\s.:]*(\d{1,6})\)?\s*$",
    re.IGNORECASE,
)
"""Words for extension that phonenumbers does not know."""

_TRUNK_ZERO = re.compile(r"^(\+\d{1,3})\s*\(0\)")
_TWO_ZEROS = re.compile(r"^[\s(]*00[\s)]*(?=[1-9])")


def normalise_phone(text: str, country: str | None = None) -> Result:
    """A phone number as people type it.

    country: ISO 3166 alpha-2 code of the place whose national numbers are meant; numbers with + or 00 do not need it.

    value, keys[0]: E.164 ("+493023125123"), without extension.
    parts: e164, kind (see KINDS), extension ("" when none), country (ISO code, "" for numbers of no country), national and international
    (as written there). Refused: numbers no numbering plan has, also those of right length.
    """
    region = (country or "").strip().upper()
    found = _read(text.strip(), region) if len(text) <= LONGEST_TEXT else f"longer than {LONGEST_TEXT} characters"
    if isinstance(found, str):
        return Refused(found, _ALLOWED)
    e164, kind, extension, where, national, international = found
    parts = {"e164": e164, "kind": kind, "extension": extension, "country": where, "national": national, "international": international}
    return Normalised(e164, (e164,), parts)


def numbering_country(text: str) -> str | None:
    """The ISO code of a country whose national numbers can be read, by its code or its name; None for no country."""
    code = text.strip().upper()
    if code in phonenumbers.SUPPORTED_REGIONS:
        return code
    place = normalise_location(country=text)
    return (place.parts["country"] or None) if isinstance(place, Normalised) else None


def is_possible(text: str, country: str | None = None) -> bool:
    """Whether a text has the length of a whole number of its country, in use there or not."""
    if len(text) > LONGEST_TEXT:
        return False
    region = (country or "").strip().upper()
    try:
        text = _TWO_ZEROS.sub("+", unicodedata.normalize("NFKC", text.strip()))
        number = phonenumbers.parse(text, region if region in phonenumbers.SUPPORTED_REGIONS else None)
    except NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE)


_Found = tuple[str, str, str, str, str, str]


@lru_cache(maxsize=65536)
def _read(text: str, region: str) -> _Found | str:
    """The number's parts, or why it is none. Cached: a switchboard stands in hundreds of records, a query number is read per country."""
    if not any(c.isdigit() for c in text):
        return "empty" if not text else "no digits in it"
    text = unicodedata.normalize("NFKC", text)
    text = _TRUNK_ZERO.sub(r"\1", _EXTENSION.sub(r" ext. \1", text))
    known = "GB" if region == "UK" else region if region in phonenumbers.SUPPORTED_REGIONS else ""
    problem = ""
    if _TWO_ZEROS.match(text) and known != "AU":  # in Australia 0011 dials abroad, which the library knows
        found = _parse(_TWO_ZEROS.sub("+", text), "")
        if not isinstance(found, str):
            return found
        problem = found
    if not known and not text.lstrip("( ").startswith(("+", "tel:+")) and "+" not in text[:12]:
        return problem or NO_COUNTRY
    found = _parse(text, known) if known or not problem else problem
    if isinstance(found, str) and known == "AU" and _TWO_ZEROS.match(text):  # no number of Australia: written as the rest of the world does
        whole = _parse(_TWO_ZEROS.sub("+", text), "")
        return found if isinstance(whole, str) else whole
    return found


def _parse(text: str, region: str) -> _Found | str:
    try:
        number = phonenumbers.parse(text, region or None)
    except NumberParseException as problem:
        return _PARSE_REASONS.get(problem.error_type, "not a phone number")
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    kind = _KINDS.get(phonenumbers.number_type(number), "")  # unknown type = not valid, by the library's own definition
    where = phonenumbers.region_code_for_number(number) if kind else ""
    if not kind or not where:
        for pattern, place, fictional in _FICTION:
            if pattern.fullmatch(e164):
                kind, where = fictional, place
                break
        else:
            return _invalid(number)
    national = phonenumbers.format_number(_without_extension(number), PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(_without_extension(number), PhoneNumberFormat.INTERNATIONAL)
    return e164, kind, number.extension or "", "" if where == "001" else where, national, international


def _without_extension(number: PhoneNumber) -> PhoneNumber:
    if not number.extension:
        return number
    bare = PhoneNumber()
    bare.merge_from(number)
    bare.extension = None
    return bare


_PARSE_REASONS = {
    NumberParseException.INVALID_COUNTRY_CODE: "no country has this country code",
    NumberParseException.NOT_A_NUMBER: "not a phone number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too short after the prefix for abroad",
    NumberParseException.TOO_SHORT_NSN: "too short",
    NumberParseException.TOO_LONG: "too long",
}


def _invalid(number: PhoneNumber) -> str:
    """Why a number that reads as one is none."""
    place = phonenumbers.region_code_for_country_code(number.country_code or 0)
    where = f" for a number of {place}" if place not in ("ZZ", "001") else ""
    why = phonenumbers.is_possible_number_with_reason(number)
    if why == ValidationResult.TOO_SHORT:
        return f"too short{where}"
    if why == ValidationResult.TOO_LONG:
        return f"too long{where}"
    if why == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return "a local number without its area code"
    if why == ValidationResult.INVALID_COUNTRY_CODE:
        return "no country has this country code"
    return f"not a number in use{where.replace(' for a number of', ' in')}: no such area or range"
