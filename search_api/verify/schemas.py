"""The wire of /v1/verify: verdicts on e-mail addresses, phone numbers and profile links. Each has its date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from search_api.clean.schemas import NumberingCountry
from search_api.tasks import Asked
from search_api.wire import Wire, said

EmailStatus = Literal["valid", "invalid", "accept_all", "webmail", "disposable", "unknown"]

CheckedAt = Annotated[datetime, said("When this was checked.", "2026-11-23T09:30:00Z")]
CountsUntil = Annotated[datetime, said("From then on it no longer counts, and is shown as unknown.", "2027-05-22T09:30:00Z")]


class KnownSource(Wire):
    """A source that attests the value."""

    id: Annotated[str, said("The source's id.", "registry")]
    name: Annotated[str | None, said("Its name.", "Example business registry")]
    kind: Annotated[str | None, said("public or licensed_third_party.", "public")]
    last_seen: Annotated[date, said("The day it last said so.", "2026-10-01")]


class Known(Wire):
    """Whether the value is held here, as far as it may be shown."""

    here: Annotated[bool, said("Whether a profile holds it.", True)]
    exact: Annotated[bool, said("In this very spelling; otherwise in one that reaches the same.", True)]
    first_seen: Annotated[date | None, said("The first day it is known to have been said.", "2026-10-01")]
    last_seen: Annotated[date | None, said("The day a source last attested it.", "2026-10-01")]
    people: Annotated[int, said("How many profiles hold it; 50 means 50 or more.", 1)]
    profiles: Annotated[list[str], said("Their ids, for GET /v1/profiles/{id}.", ["pmrs52a2ewgtjac0b"])]
    sources: Annotated[list[KnownSource], said("Who attests it, newest first.", [])]


class ScorePart(Wire):
    """What one thing adds to the score, or takes off."""

    part: Annotated[str, said("syntax, domain, mailbox, known, role, gibberish or disposable.", "domain")]
    points: Annotated[int, said("Points; all parts add up to the score.", 20)]
    why: Annotated[str, said("Why.", "the domain names hosts for its mail")]


class EmailSyntax(Wire):
    """The address as written."""

    valid: Annotated[bool, said("Whether an address can look like this.", True)]
    reason: Annotated[str | None, said("Why not; null when it can.", None)]
    local: Annotated[str | None, said("The part before the @.", "jane.doe+news")]
    domain: Annotated[str | None, said("The part behind it, in its own script.", "emberpoint.example")]
    registrable_domain: Annotated[str | None, said("What somebody registered of it.", "emberpoint.example")]
    internationalised: Annotated[bool, said("Whether it has letters beyond ASCII.", False)]


class EmailDomain(Wire):
    """How the domain takes mail, as DNS says."""

    route: Annotated[
        Literal["mx", "address", "null_mx", "no_host", "no_domain", "unanswered"],
        said("mx: it names hosts. address: none, but it has an address. null_mx: it says that it takes none. Or there is nothing.", "mx"),
    ]
    hosts: Annotated[list[str], said("The hosts, best first.", ["mx1.emberpoint.example"])]


class EmailMailbox(Wire):
    """What the mail server said when asked for the mailbox; no mail is sent."""

    said: Annotated[
        Literal["accepted", "refused", "accept_all", "later", "blocked", "unreachable"],
        said("accept_all: it takes any address. later: greylisting or a full mailbox. blocked: it refuses us.", "accepted"),
    ]
    code: Annotated[int, said("SMTP reply code; 0 when there was none.", 250)]
    host: Annotated[str, said("Who said it.", "mx1.emberpoint.example")]


class EmailVerdict(Wire):
    """Whether mail to an address can arrive."""

    email: Annotated[str | None, said("The address in canonical form; null when it is none.", "jane.doe+news@emberpoint.example")]
    status: Annotated[
        EmailStatus,
        said(
            "valid: its server took the mailbox, or a source attested it lately. invalid: it cannot arrive. accept_all: the server takes "
            "any address. webmail: at a free provider. disposable: at a throw-away provider. unknown: nothing says either.",
            "valid",
        ),
    ]
    score: Annotated[int | None, said("0 to 100; null once the verdict no longer counts.", 80)]
    score_parts: Annotated[list[ScorePart], said("What the score is made of.", [])]
    reason: Annotated[str, said("What the status rests on.", "attested by a source on 2026-10-01")]
    checked_at: CheckedAt
    counts_until: CountsUntil
    syntax: Annotated[EmailSyntax, said("The address as written.")]
    domain: Annotated[EmailDomain | None, said("How the domain takes mail; null when there is no domain to ask for.", None)]
    mailbox: Annotated[EmailMailbox | None, said("What its server said; null when it was not asked.", None)]
    disposable: Annotated[bool, said("At a provider of throw-away mailboxes.", False)]
    free: Annotated[bool, said("At a provider where anybody can have a mailbox.", False)]
    role: Annotated[bool, said("A mailbox of a task, such as info@.", False)]
    plus_alias: Annotated[bool, said("With a +tag: mail reaches the mailbox without it.", True)]
    gibberish: Annotated[bool, said("Letters thrown together.", False)]
    did_you_mean: Annotated[str | None, said("The address at the large provider whose domain is one letter away; else null.", None)]
    known: Annotated[Known, said("Whether it is held here.")]


class PhoneVerdict(Wire):
    """Whether a number can be called, and whom it reaches."""

    phone: Annotated[str | None, said("E.164; null when it is no number.", "+493023125104")]
    status: Annotated[
        Literal["valid", "possible", "unknown", "invalid"],
        said(
            "valid: in a range its country uses. possible: of the right length only. unknown: a national number without its country. "
            "invalid: none of these.",
            "valid",
        ),
    ]
    reason: Annotated[str | None, said("Why it is not valid; null when it is.", None)]
    possible: Annotated[bool, said("Whether it has the length of a number.", True)]
    valid: Annotated[bool, said("Whether its range is in use.", True)]
    region: Annotated[str | None, said("Country, ISO 3166-1 alpha-2; null for numbers of none.", "DE")]
    kind: Annotated[
        str | None,
        said("mobile, fixed, fixed_or_mobile, voip, toll_free, premium_rate, shared_cost, personal, pager, company or voicemail.", "fixed"),
    ]
    extension: Annotated[str | None, said("Extension; null when there is none.", None)]
    national: Annotated[str | None, said("As written in its country.", "030 23125104")]
    international: Annotated[str | None, said("As written abroad.", "+49 30 23125104")]
    shared: Annotated[bool, said("Whether several people here have it.", False)]
    grade: Annotated[Literal["A", "B", "C"], said("How far the number can be relied on to reach one person.", "A")]
    grade_means: Annotated[str, said("What the grade means here.", "in use, and attested for one person on 2026-10-01")]
    checked_at: CheckedAt
    known: Annotated[Known, said("Whether it is held here.")]


class ProfileLinkVerdict(Wire):
    """Which network and handle a link leads to, and whose profile has it."""

    link: Annotated[str | None, said("Canonical address; null when it is no person's profile.", "https://www.linkedin.com/in/jane-doe")]
    status: Annotated[
        Literal["valid", "invalid"], said("Whether it is the address of a person's profile; the network is not asked.", "valid")
    ]
    reason: Annotated[str | None, said("Why not; null when it is.", None)]
    network: Annotated[str | None, said("Name of the network.", "linkedin")]
    handle: Annotated[str | None, said("The person's handle there.", "jane-doe")]
    profile: Annotated[str | None, said("Id of the one profile that has it; null when none or several do.", "pmrs52a2ewgtjac0b")]
    checked_at: CheckedAt
    known: Annotated[Known, said("Whether it is held here.")]


class ContactQuestion(Wire):
    """A person, where they are said to work, and one contact detail: an e-mail address, a phone number or a profile link."""

    name: Annotated[Asked, said("The person's name.", "Jane Doe")]
    company: Annotated[
        Asked | None, said("The company they are said to work for; without it, only the person is looked at.", "Emberpoint")
    ] = None
    email: Annotated[Asked | None, said("The e-mail address asked about.", "jane.doe+news@emberpoint.example")] = None
    phone: Annotated[Asked | None, said("The phone number asked about.", "030 23125 104")] = None
    country: Annotated[NumberingCountry, said("Country of a number without its country code: ISO 3166-1 alpha-2 or name.", "DE")] = None
    link: Annotated[Asked | None, said("The profile link or handle asked about.", "linkedin.com/in/jane-doe")] = None
    network: Annotated[Asked, said("The network of a bare handle.", "linkedin")] = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> ContactQuestion:
        if sum(value is not None for value in (self.email, self.phone, self.link)) != 1:
            raise PydanticCustomError("one_contact", "not exactly one contact detail", {"allowed": "one of email, phone and link"})
        return self


class Evidence(Wire):
    """One thing that sources say."""

    says: Annotated[str, said("What, in words. Other people are said to be others, never who.", "attested on 2026-10-01 for this person")]
    speaks_for: Annotated[Literal["yes", "no"], said("Which answer it speaks for.", "yes")]
    since: Annotated[date, said("The first day a source said so.", "2026-10-01")]
    until: Annotated[date, said("The last day a source said so.", "2026-10-01")]
    sources: Annotated[list[str], said("Ids of the sources.", ["registry"])]


class ContactVerdict(Wire):
    """Whether a contact detail belongs to a person at a company."""

    answer: Annotated[
        Literal["yes", "no", "unsure"],
        said("yes: sources say so, lately, and nothing speaks against it. no: evidence says the contrary. unsure: neither.", "yes"),
    ]
    reason: Annotated[str, said("What decided it.", "attested for this person on 2026-10-01")]
    kind: Annotated[Literal["email", "phone", "link"], said("What was asked about.", "email")]
    value: Annotated[str | None, said("It in canonical form; null when it is none.", "jane.doe+news@emberpoint.example")]
    profile: Annotated[str | None, said("Id of the profile the answer rests on; null when none of this name has it.", "pmrs52a2ewgtjac0b")]
    evidence: Annotated[list[Evidence], said("What sources say, for and against.")]
    checked_at: CheckedAt
    counts_until: CountsUntil
