"""Companies: one name for one employer, however a source writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.normalise.company import company_tokens, normalise_company, registrable_domain
from profiles.normalise.result import Normalised, Refused


def taken(text: str, domain: str | None = None) -> Normalised:
    found = normalise_company(text, domain)
    assert isinstance(found, Normalised), found
    return found


LEGAL_NAMES = [
    ("Mapleleaf GmbH & Co. KG", "GmbH & Co. KG"), ("Mapleleaf Aktiengesellschaft", "AG"), ("Mapleleaf e.K.", "e.K."),
    ("Mapleleaf UG (haftungsbeschränkt)", "UG"),
    ("株式会社Mapleleaf", "株式会社"), ("Mapleleaf株式会社", "株式会社"), ("㈱Mapleleaf", "株式会社"),
    ('ООО "Mapleleaf"', "ООО"), ("ПАО Mapleleaf", "ПАО"), ("Mapleleaf Kft.", "Kft."), ("Mapleleaf Zrt", "Zrt."),
    ("Mapleleaf Sp. z o.o.", "Sp. z o.o."),
    ("Mapleleaf sp. k.", "sp. k."), ("Mapleleaf S.p.A.", "S.p.A."), ("Mapleleaf SRL", "S.r.l."), ("Mapleleaf Ltda.", "Ltda."),
    ("Mapleleaf S.A. de C.V.", "SA de CV"), ("Mapleleaf Pty. Ltd.", "Pty Ltd"), ("Mapleleaf Private Limited", "Pvt Ltd"),
    ("Mapleleaf FZE", "FZE"),
    ("Mapleleaf AB", "AB"), ("Mapleleaf Oy", "Oy"), ("Mapleleaf A/S", "A/S"), ("Mapleleaf B.V.", "BV"), ("Mapleleaf EURL", "EURL"),
    ("Mapleleaf Ltd. Şti.", "Ltd. Şti."), ("Mapleleaf A.Ş.", "A.Ş."), ("Mapleleaf d.o.o.", "d.o.o."), ("Mapleleaf s. r. o.", "s.r.o."),
    ("Mapleleaf LLP", "LLP"), ("Mapleleaf, Inc.", "Inc."), ("Mapleleaf Co., Ltd.", "Co., Ltd."), ("mapleleaf ag", "AG"),
    ("MAPLELEAF S.A.", "SA"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "form"), LEGAL_NAMES)
def test_legal_form_is_told_apart(text: str, form: str) -> None:
    """A register's legal name and the everyday name are one company, whatever the country."""
    found = taken(text)
    assert (found.value, found.keys[0], found.parts["legal_form"]) == ("Mapleleaf", "mapleleaf", form)


@pytest.mark.parametrize("text", ["The Limited", "Acme as one", "Textron", "Coop", "Sage", "Bosch Rexroth"])
def test_a_name_that_looks_like_a_form_stays(text: str) -> None:
    """Words that only resemble a legal form are not cut off."""
    assert taken(text).parts["legal_form"] == ""


def test_spellings_of_one_company_agree() -> None:
    """Case, quotes, "&", "The" and dots make no difference."""
    assert {taken(t).keys[0] for t in ["Johnson & Wells", "The JOHNSON AND WELLS Co.", "johnson  & wells", "“Johnson & Wells” Ltd"]} == {
        "johnson and wells"
    }


def test_joined_and_split_names_share_a_looser_key() -> None:
    """Also "jadeloop", "Jade Loop" and "jade-loop" are found as one."""
    assert all("jadeloop" in taken(t).keys for t in ["jadeloop", "Jade Loop", "jade-loop, LLC"])


def test_generic_tail_and_acronym_are_looser_keys_only() -> None:
    """Also "Altenrich Group" may be "Altenrich", and a bracketed acronym is another name; neither is the identifying key."""
    assert taken("Altenrich Group KG").keys == ("altenrich group", "altenrichgroup", "altenrich")
    found = taken("Northern Harbour Works (NHW) Inc.")
    assert found.keys[0] == "northern harbour works"
    assert "nhw" in found.keys


@pytest.mark.parametrize(
    ("text", "value"),
    [("CAPUCCI ALIMENTARI S.R.L.", "Capucci Alimentari"), ("xtg construções s.a.", "XTG Construções"), ("ibm", "IBM"), ("SAP SE", "SAP"),
     ("3M Company", "3M"), ("van der meer systemen b.v.", "Van der Meer Systemen"), ("eBay Inc.", "eBay")],
)  # fmt: skip
def test_display_name_reads_well(text: str, value: str) -> None:
    """Capitals and lower case are set right, brands stay as their owners write them."""
    assert taken(text).value == value


@pytest.mark.parametrize(
    "text", ["", " ", "-", "n/a", "N/A.", "None", "Self-Employed", "self employed", "Freelance", "Retired", "🎉", "x" * 201]
)
def test_what_is_no_company_is_refused_with_a_reason(text: str) -> None:
    """Placeholders and people without employer make no company."""
    found = normalise_company(text)
    assert isinstance(found, Refused)
    assert found.reason
    assert company_tokens(text) == ()


def test_domain_is_the_registrable_one() -> None:
    """A website, host or address leads to the domain one can register."""
    assert taken("Acme", "https://www.acme.co.uk/about").parts["domain"] == "acme.co.uk"
    assert registrable_domain("mail.acme.example") == "acme.example"
    assert registrable_domain("nonsense") == ""


@pytest.mark.parametrize("around", ["{}", "{}/x?y#z", "//{}", "HTTP://{}:8080/", "ftp://user:word@{}", ".{}.", " {}. "])
@pytest.mark.parametrize("host", ["acme.co.uk", "mail.acme.co.uk", "acme\uff0eco\u3002uk"])
def test_a_domain_is_read_from_whatever_stands_around_it(host: str, around: str) -> None:
    """However an address is written, scheme, port, path, user and dots do not count; nor do addresses by number name a company."""
    assert registrable_domain(around.format(host)) == "acme.co.uk"
    assert registrable_domain(around.format("co.uk")) == ""
    assert registrable_domain(around.format("192.0.2.7")) == ""


def test_tokens_leave_out_form_and_connectors() -> None:
    """Index and query see the same words."""
    assert company_tokens("Weswell & Cook LLC") == company_tokens("weswell and cook") == ("weswell", "cook")


@given(st.text(max_size=300), st.none() | st.text(max_size=60))
def test_any_text_gives_an_answer(text: str, domain: str | None) -> None:
    """No string makes the normaliser raise, and what it takes has a name and a key."""
    found = normalise_company(text, domain)
    if isinstance(found, Normalised):
        assert found.value.strip()
        assert all(found.keys)
    else:
        assert text not in found.reason or not text.strip() or len(text) < 3


@given(st.sampled_from([t for t, _ in LEGAL_NAMES]))
def test_normalising_twice_changes_nothing(text: str) -> None:
    """The canonical name is its own canonical name."""
    assert taken(taken(text).value).keys == taken(text).keys
