"""The wire of /v1/clean: what is asked of each normaliser, and what it recognised."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from profiles.normalise.phone import numbering_country
from search_api.tasks import Asked
from search_api.wire import Wire, said

Text = Annotated[str | None, said("Canonical form, fit to show; null when nothing was recognised.", "Munich, Bavaria, Germany")]


class Cleaned(Wire):
    """What a text was taken for."""

    recognised: Annotated[bool, said("Whether the text is a value of this kind.", True)]
    value: Text
    key: Annotated[
        str | None, said("Equal for all spellings of one value, for comparing; null when nothing was recognised.", "de/bavaria/munich")
    ]
    reason: Annotated[str | None, said("Why the text is none; null when it is one.", None)]
    allowed: Annotated[str | None, said("What would be one; null when it is one.", None)]


class NameQuestion(Wire):
    """A person's name: whole, or in parts as a form has them."""

    name: Annotated[Asked, said("The whole name, in any order and spelling.", "DOE, Jane Q. (née Smith)")] = ""
    given: Annotated[Asked, said("Given name, where it stands apart.", "Jane")] = ""
    middle: Annotated[Asked, said("Middle names.", "Q.")] = ""
    family: Annotated[Asked, said("Family name.", "Doe")] = ""
    suffix: Annotated[Asked, said("Generation, such as Jr.", "Jr")] = ""
    nickname: Annotated[Asked, said("What the person is called.", "Janie")] = ""


class NameParts(Wire):
    """A name taken apart; "" for what it does not have."""

    given: Annotated[str, said("Given name.", "Jane")]
    middle: Annotated[str, said("Middle names or initials.", "Q.")]
    family: Annotated[str, said("Family name or names.", "Doe")]
    suffix: Annotated[str, said("Generation.", "Jr")]
    credentials: Annotated[str, said("Titles and degrees behind the name.", "PhD")]
    nickname: Annotated[str, said("What the person is called.", "Janie")]
    former_family: Annotated[str, said("Family name before marriage.", "Smith")]


class CleanedName(Cleaned):
    """A person's name."""

    parts: Annotated[NameParts | None, said("What it consists of.", None)]


class CompanyQuestion(Wire):
    """A company's name."""

    company: Annotated[Asked, said("The name, with or without legal form.", "Emberpoint Inc.")]
    domain: Annotated[Asked | None, said("Its website or mail domain, where known.", "https://www.emberpoint.example/about")] = None


class CompanyParts(Wire):
    """A company's name taken apart; "" for what it does not have."""

    legal_form: Annotated[str, said("Legal form as written.", "Inc.")]
    domain: Annotated[str, said("The domain somebody registered.", "emberpoint.example")]
    acronym: Annotated[str, said("Initials of three words or more.", "")]


class CleanedCompany(Cleaned):
    """A company."""

    parts: Annotated[CompanyParts | None, said("What it consists of.", None)]


class JobTitleQuestion(Wire):
    """A job title, or the headline of a profile."""

    job_title: Annotated[Asked, said("The title in any of its spellings.", "Sr. VP Eng & Co-Founder")]


class JobTitleParts(Wire):
    """A title taken apart."""

    seniority: Annotated[str, said("One of twelve levels, from intern to owner.", "vice_president")]
    function: Annotated[str, said('What the work is about; "" when no word tells.', "engineering")]
    level_word: Annotated[str, said('The words that say the level; "" when there are none.', "Senior Vice President")]
    base: Annotated[str, said("The title without them.", "Engineering")]
    occupation: Annotated[str, said('The occupation in an imported taxonomy; "" when unknown.', "")]
    also: Annotated[list[str], said("Further titles in the same text.", ["Co-Founder"])]


class CleanedJobTitle(Cleaned):
    """A job title."""

    parts: Annotated[JobTitleParts | None, said("What it consists of.", None)]


class LocationQuestion(Wire):
    """A place: as a text, or in parts."""

    location: Annotated[Asked, said("The place in any spelling.", "Greater Munich Area")] = ""
    city: Annotated[Asked, said("City, where it stands apart.", "München")] = ""
    region: Annotated[Asked, said("Region or state.", "Bayern")] = ""
    country: Annotated[Asked, said("Country: ISO code or name.", "DE")] = ""


class LocationParts(Wire):
    """A place; "" for what is unknown."""

    city: Annotated[str, said("City.", "Munich")]
    region: Annotated[str, said("Region or state.", "Bavaria")]
    region_code: Annotated[str, said("Its ISO 3166-2 code.", "DE-BY")]
    country: Annotated[str, said("ISO 3166-1 alpha-2 code.", "DE")]
    country_name: Annotated[str, said("Country.", "Germany")]
    lat: Annotated[float | None, said("Latitude in degrees; null unless the city is known.", 48.137)]
    lon: Annotated[float | None, said("Longitude in degrees.", 11.575)]
    kind: Annotated[str, said("city, metro, region or country.", "metro")]
    metro: Annotated[str, said("Name of an area without a main city.", "")]
    population: Annotated[int, said("Inhabitants of the city; 0 when unknown.", 1505005)]


class CleanedLocation(Cleaned):
    """A place."""

    parts: Annotated[LocationParts | None, said("What it consists of.", None)]


class SkillQuestion(Wire):
    """A skill."""

    skill: Annotated[Asked, said("The skill in any spelling.", "k8s")]


class SkillParts(Wire):
    """About a skill."""

    known: Annotated[bool, said("Whether a list has it; otherwise these are the text's own words.", True)]


class CleanedSkill(Cleaned):
    """A skill."""

    parts: Annotated[SkillParts | None, said("What is known of it.", None)]


def _numbering_country(text: str) -> str | None:
    """The code of a country. Raises PydanticCustomError, or numbers would be called invalid where the country is misspelt."""
    if not text.strip():
        return None
    if (code := numbering_country(text)) is None:
        raise PydanticCustomError("country", "is no country", {"allowed": "an ISO 3166-1 alpha-2 code such as DE, or a country's name"})
    return code


NumberingCountry = Annotated[Asked, AfterValidator(_numbering_country)] | None
"""The country whose national numbers are meant."""


class PhoneQuestion(Wire):
    """A phone number."""

    phone: Annotated[Asked, said("The number as people type it.", "(202) 555-0142 ext 7")]
    country: Annotated[
        NumberingCountry, said("Country whose national numbers are meant, for a number without + or 00: ISO 3166-1 alpha-2 or name.", "US")
    ] = None


class PhoneParts(Wire):
    """A number taken apart."""

    e164: Annotated[str, said("E.164, without extension.", "+12025550142")]
    kind: Annotated[str, said("mobile, fixed, fixed_or_mobile, voip, toll_free, premium_rate, company ...", "fixed_or_mobile")]
    extension: Annotated[str, said('Extension; "" when there is none.', "7")]
    country: Annotated[str, said('ISO 3166-1 alpha-2; "" for numbers of no country.', "US")]
    national: Annotated[str, said("As written in its country.", "(202) 555-0142")]
    international: Annotated[str, said("As written abroad.", "+1 202-555-0142")]


class CleanedPhone(Cleaned):
    """A phone number."""

    parts: Annotated[PhoneParts | None, said("What it consists of.", None)]


class EmailQuestion(Wire):
    """An e-mail address."""

    email: Annotated[Asked, said("The address, bare or in its usual wrappings.", "Jane Doe <Jane.Doe+news@Emberpoint.example>")]


class EmailParts(Wire):
    """An address taken apart. Nothing is asked of the network; /v1/verify/email does."""

    local: Annotated[str, said("The part before the @, in lower case.", "jane.doe+news")]
    domain: Annotated[str, said("The domain in its own script.", "emberpoint.example")]
    registrable_domain: Annotated[str, said("The part of it somebody registered.", "emberpoint.example")]
    plus_tag: Annotated[str, said('What stands behind the +; "" when nothing does.', "news")]
    role: Annotated[bool, said("A mailbox of a task, such as info@, not of a person.", False)]
    free: Annotated[bool, said("At a provider where anybody can have a mailbox.", False)]
    disposable: Annotated[bool, said("At a provider of throw-away mailboxes.", False)]
    variants: Annotated[list[str], said("Other spellings that reach the same mailbox.", ["jane.doe@emberpoint.example"])]


class CleanedEmail(Cleaned):
    """An e-mail address."""

    parts: Annotated[EmailParts | None, said("What it consists of.", None)]


class ProfileLinkQuestion(Wire):
    """A social profile."""

    link: Annotated[Asked, said("Address of the profile, or a handle.", "linkedin.com/in/Jane-Doe?trk=x")]
    network: Annotated[Asked, said("The network, for a bare handle.", "linkedin")] = ""


class ProfileLinkParts(Wire):
    """A social profile."""

    network: Annotated[str, said("Name of the network.", "linkedin")]
    handle: Annotated[str, said("The person's handle there.", "jane-doe")]
    url: Annotated[str, said("Canonical address.", "https://www.linkedin.com/in/jane-doe")]


class CleanedProfileLink(Cleaned):
    """A social profile."""

    parts: Annotated[ProfileLinkParts | None, said("What it consists of.", None)]
