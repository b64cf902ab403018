"""The wire of /v1/enrich, /v1/identify and /v1/bulk. Requests have the fields that callers know from the market; answers are our own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, create_model
from pydantic_core import PydanticCustomError

from search_api.answers import KIND_FIELDS
from search_api.enrich.person import BESIDE_A_NAME, IDENTIFYING, NAMES, PersonInput
from search_api.schemas import Meta, ValueAnswer, WholeProfile
from search_api.tasks import MAX_TEXT, Item
from search_api.wire import Wire, said

MAX_ALTERNATIVES = 10  # values of one field; nobody has more addresses in one customer record
MAX_CANDIDATES = 20  # what identify answers at most: a list a person looks through
MAX_REQUESTS = 100  # of a bulk call: as many as are answered within a second or two

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)]


def _listed(given: object) -> object:
    if given is None:
        return ()
    if isinstance(given, str):
        return [given]
    if not isinstance(given, (list, tuple)):
        raise PydanticCustomError("texts", "is neither a string nor a list of strings", {"allowed": "a string, or a list of strings"})
    return given


Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str]), Field(max_length=MAX_ALTERNATIVES)]


class PersonQuestion(Wire):
    """What you know of somebody: one of profile, email, phone, email_hash, lid; or a name with company, place or another field."""

    profile: Annotated[Texts, said("Social profile: its address.", "linkedin.com/in/jane-doe")] = ()
    email: Annotated[Texts, said("E-mail address the person has or had.", "jane.doe@emberpoint.example")] = ()
    phone: Annotated[Texts, said("Phone number, best with its country code; else by `country`.", "+49 30 23125 104")] = ()
    email_hash: Annotated[Texts, said("SHA-256 or MD5 of an address in small letters, in hex.", "5b94a0ac4ee1f2ab6cbb4e3a1f5a9c11")] = ()
    lid: Annotated[Texts, said("LinkedIn number. No profile here says it: it is taken and not compared.", "145991517")] = ()
    name: Annotated[Texts, said("The whole name.", "Jane Doe")] = ()
    first_name: Annotated[Text | None, said("First name.", "Jane")] = None
    middle_name: Annotated[Text | None, said("Middle name.", "Q.")] = None
    last_name: Annotated[Text | None, said("Last name.", "Doe")] = None
    company: Annotated[Texts, said("Company the person works or worked for: name, website or social page.", "Emberpoint Inc.")] = ()
    location: Annotated[Texts, said("Place, in any spelling.", "Greater Munich Area")] = ()
    locality: Annotated[Text | None, said("City, where it stands apart.", "Munich")] = None
    region: Annotated[Text | None, said("State or region.", "Bavaria")] = None
    country: Annotated[Text | None, said("Country: name or ISO code.", "DE")] = None
    school: Annotated[Texts, said("School. No profile here says it: it is taken and not compared.", "University of Iowa")] = ()
    street_address: Annotated[Text | None, said("Street. No profile here says it: it is taken and not compared.", "Main St 12")] = None
    postal_code: Annotated[Text | None, said("Postcode. No profile here says it: it is taken and not compared.", "80331")] = None
    birth_date: Annotated[Text | None, said("Date or year of birth. No profile here says it: it is taken and not compared.", "1996")] = None

    def person(self) -> PersonInput:
        """As the matching takes it."""
        values = {name: getattr(self, name) for name in (*IDENTIFYING, *NAMES, *BESIDE_A_NAME) if getattr(self, name)}
        return PersonInput({name: (value,) if isinstance(value, str) else value for name, value in values.items()})


_DATA_INCLUDE = said(
    'Fields of the profile to show, separated by commas ("names,emails.value"); all but those behind a leading "-"; none of it for "".',
    "names,emails.value",
)
_PRETTY = said("Whether the answer is indented for people.", False)


class EnrichRequest(PersonQuestion):
    """Somebody to find and to be told about."""

    min_likelihood: Annotated[
        int, Field(ge=1, le=10, description="The likelihood a match must have; docs/enrich.md says what each is worth.", examples=[6])
    ] = 2
    required: Annotated[
        Text | None, said("Fields the profile must hold: names joined by AND, OR, NOT and brackets.", "emails AND (phones OR links)")
    ] = None
    data_include: Annotated[Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None, _DATA_INCLUDE] = None
    include_if_matched: Annotated[bool, said("Whether the answer lists the fields sent that agree.", True)] = False
    pretty: Annotated[bool, _PRETTY] = False


class IdentifyRequest(PersonQuestion):
    """Somebody who may be one of several."""

    size: Annotated[int, Field(ge=1, le=MAX_CANDIDATES, description="Candidates at most.", examples=[5])] = MAX_CANDIDATES
    data_include: Annotated[Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None, _DATA_INCLUDE] = None
    include_if_matched: Annotated[bool, said("Whether each candidate lists the fields sent that agree.", True)] = False
    pretty: Annotated[bool, _PRETTY] = False


class Reason(Wire):
    """One finding of the comparison."""

    says: Annotated[str, said("What was found, in words.", "the e-mail address is the same")]
    speaks_for: Annotated[Literal["yes", "no"], said("Whether it speaks for this being the person.", "yes")]
    bits: Annotated[float, said("How much it says: 1 doubles the odds, -1 halves them.", 17.6)]


def _in_part(model: type[Wire], name: str, **changed: Any) -> Any:
    """A model of which any field may be left out."""
    fields: dict[str, Any] = {
        field: (
            changed.get(field, info.annotation),
            Field(default_factory=lambda: None, description=info.description, examples=info.examples),
        )
        for field, info in model.model_fields.items()
    }
    return create_model(name, __base__=Wire, __doc__=f"{model.__doc__} Less what `data_include` leaves out.", **fields)


ShownValue: Any = _in_part(ValueAnswer, "ShownValue")
ShownProfile: Any = _in_part(WholeProfile, "ShownProfile", **{field: list[ShownValue] for field, _ in KIND_FIELDS})


class MatchBody(Wire):
    """A profile and how far it is the person asked for."""

    likelihood: Annotated[int, said("1 to 10; docs/enrich.md says how often a match of each is right.", 10)]
    why: Annotated[list[Reason], said("What speaks for and against it, strongest first.")]
    matched: Annotated[list[str] | None, said("The fields sent that agree; null unless `include_if_matched`.", ["email"])]
    not_compared: Annotated[dict[str, str], said("Fields sent that were not compared, and why.", {"school": "no profile here says it"})]
    profile: Annotated[ShownProfile, said("The profile, as GET /v1/profiles/{id} has it.")]


class EnrichAnswer(MatchBody):
    """The person found."""

    meta: Meta


class IdentifyAnswer(Wire):
    """Who may be meant."""

    candidates: Annotated[list[MatchBody], said("Likeliest first; empty when nobody is like it.")]
    meta: Meta


class BulkRequest(Wire):
    """One of the requests of a bulk call."""

    params: Annotated[EnrichRequest, said("As /v1/enrich takes it.")]
    metadata: Annotated[dict[str, Any] | None, said("Anything of yours; it comes back with the answer and is not kept.", {"row": 7})] = None


class BulkQuestion(Wire):
    """Up to 100 people to find."""

    requests: Annotated[tuple[BulkRequest, ...], Field(min_length=1, max_length=MAX_REQUESTS, description="The requests.")]
    pretty: Annotated[bool, _PRETTY] = False


class BulkItem(Item):
    """What became of one request."""

    result: Annotated[MatchBody | None, said("The match; null where `problem` says why there is none.")]
    metadata: Annotated[dict[str, Any] | None, said("As it was sent.", {"row": 7})]


class BulkAnswer(Wire):
    """What became of each request."""

    items: Annotated[list[BulkItem], said("In the order of the requests.")]
    meta: Meta
