"""What a search means, before any engine is asked."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engines.query import AllOf, AnyOf, Best, Clause, Days, Flag, Fuzzy, Phrase, Prefix, Sort, Term, Without
from profiles.errors import QueryInvalid
from search_api.meaning.sentences import AFTER_ASKING, ASKING, BEFORE_ASKING, KNOWING, SAYING, SUBJECTS, without_asking
from search_api.query import FACET_FIELDS, interpret
from search_api.requests import request_from_body
from search_api.schemas import FACETS, WORD_FIELDS, SearchRequest


def leaves(clause: Clause) -> list[Clause]:
    """The clauses a clause is made of."""
    if isinstance(clause, (AllOf, AnyOf, Best)):
        return [leaf for inner in clause.clauses for leaf in leaves(inner)]
    if isinstance(clause, Without):
        return [*leaves(clause.clause), *leaves(clause.unwanted)]
    return [clause]


def terms(clause: Clause) -> set[tuple[str, str]]:
    """(field, token) of every Term in it."""
    return {(leaf.field, leaf.token) for leaf in leaves(clause) if isinstance(leaf, Term)}


def meaning(**body: Any) -> Any:
    """The interpretation of a body."""
    return interpret(request_from_body(body))


def test_exact_values_are_recognised_in_free_text() -> None:
    """An address, number, handle or link in the search box is looked up as what it is."""
    cases = {
        "Jane.Doe@Emberpoint.example": ("email", "jane.doe@emberpoint.example"),
        "+49 30 23125-104": ("phone", "+493023125104"),
        "0049 30 23125 104": ("phone", "+493023125104"),
        "(202) 555-0142": ("phone", "+12025550142"),
        "@senschumer": ("handle", "senschumer"),
        "https://www.linkedin.com/in/jane-doe/": ("link", "linkedin:jane-doe"),
    }
    for text, wanted in cases.items():
        assert wanted in terms(meaning(q=text).query.match), text


def test_an_exact_value_must_match_beside_other_words() -> None:
    """A number with a name asks for both."""
    match = meaning(q="schumer +1 202-555-0142").query.match
    assert isinstance(match, AllOf)
    assert ("phone", "+12025550142") in {(c.field, c.token) for c in match.clauses if isinstance(c, Term)}


def test_nothing_in_free_text_is_a_hard_filter() -> None:
    """A name that is also a place stays a name."""
    meant = meaning(q="Paris Hilton")
    assert meant.query.filters == ()
    assert {("name", "paris"), ("city_key", "paris"), ("name", "hilton")} <= terms(meant.query.match)


def test_places_of_several_words_are_one_part() -> None:
    """A place of several words is one part, and still two words that may be anything."""
    meant = meaning(q="shumer senator new york")
    assert [w["text"] for w in meant.interpreted["words"]] == ["shumer", "senator", "new york"]
    assert meant.interpreted["at_least"] == 3
    assert {("region_key", "new york"), ("location", "york"), ("name", "york")} <= terms(meant.query.match)
    assert any("New York" in said for said in meant.interpreted["words"][2]["read_as"])


def test_of_four_parts_one_may_be_missing() -> None:
    """Three parts must all match, of four or more one may be missing."""
    assert meaning(q="anna birchhouse berlin").interpreted["at_least"] == 3
    assert meaning(q="anna crossbury birchhouse berlin").interpreted["at_least"] == 3


def test_joining_words_and_legal_forms_are_left_out() -> None:
    """Words that only join others are left out: "engineer at Birchhouse Inc in Berlin" is an engineer, Birchhouse and Berlin."""
    meant = meaning(q="engineer at Birchhouse Inc in Berlin")
    assert meant.interpreted["at_least"] == 3
    assert [w["text"] for w in meant.interpreted["words"] if w["read_as"] == ["left out"]] == ["at", "Inc", "in"]


def test_skills_with_signs_survive() -> None:
    """C++, C#, .NET and Node.js are skills, not letters."""
    for text, key in (("C++", "c++"), ("C#", "c#"), (".NET", ".net"), ("Node.js", "node.js"), ("k8s", "kubernetes")):
        assert ("skill_key", key) in terms(meaning(q=text).query.match), text
        assert ("skill_key", key) in terms(meaning(skill=text).query.match), text


def test_a_sign_makes_a_letter_a_skill_and_no_initial() -> None:
    """C# and C++ ask for the skill, not for everybody whose name begins with C; a letter alone may still be either."""
    for text in ("C#", "C++", "c#"):
        found = leaves(meaning(q=text).query.match)
        assert not any(isinstance(clause, Prefix) or clause.field.startswith("name") for clause in found), text
        assert meaning(q=text).interpreted["words"][0]["read_as"] == [f"skill {text.upper()}"]
    assert any(isinstance(clause, Prefix) for clause in leaves(meaning(q="C").query.match))


SENTENCES = {
    "find me a CFO in Germany": "CFO Germany",
    "Please show us all data scientists in Munich!": "data scientists Munich",
    "I am looking for a Java developer with experience in Spring": "Java developer Spring",
    "who is the CTO of Heleramed?": "CTO Heleramed",
    "people at Zelovaflow who know Python": "Zelovaflow Python",
    "everyone who works at Zelovaflow and has Python": "Zelovaflow Python",
    "nurse with 5 years of experience in Lyon": "nurse Lyon",
    "looking for an engineer": "engineer",
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_asks_for_what_it_is_about(sentence: str) -> None:
    """Words that only ask are left out and told, and what is left is read as if it alone had been typed."""
    meant, bare = meaning(q=sentence), meaning(q=SENTENCES[sentence])
    said = [w["text"] for w in meant.interpreted["words"] if w["read_as"] != ["left out"]]
    assert said == [w["text"] for w in bare.interpreted["words"]]
    assert meant.query.match == bare.query.match


NO_SENTENCES = (
    *("List Herbert", "Ann Need", "A Smith", "An Nguyen", "To Lam", "Want To Li"),
    *("Head of People", "People Operations Manager", "Head of Customer Experience in Berlin", "Light Years of Fun"),
)


@pytest.mark.parametrize("text", NO_SENTENCES)
def test_a_name_or_title_is_no_sentence(text: str) -> None:
    """Names, titles and firms that have such words in them keep every word."""
    assert without_asking(text.split()) == (text.split(), [])


@given(st.lists(st.sampled_from([*ASKING, *BEFORE_ASKING, *AFTER_ASKING, *SUBJECTS, *SAYING, *KNOWING, "who", "of", "5", "years", "Ada"])))
def test_no_sentence_is_left_with_nothing(words: list[str]) -> None:
    """Whatever words that ask stand together, something is looked for, and no word is lost untold."""
    kept, off = without_asking(words)
    assert bool(kept) == bool(words)
    assert sorted([*kept, *off]) == sorted(words)


def test_names_by_spelling_nickname_sound_and_edit_distance() -> None:
    """Every way a name may be meant is asked for, and says by its word which it is."""
    found = leaves(meaning(name="Bob").query.match)
    assert ("name", "bob") in {(c.field, c.token) for c in found if isinstance(c, Term)}
    assert ("name_nickname", "robert") in {(c.field, c.token) for c in found if isinstance(c, Term)}
    found = leaves(meaning(name="klobuchar").query.match)
    assert any(isinstance(c, Term) and c.field == "name_phonetic" for c in found)
    assert {c.distance for c in found if isinstance(c, Fuzzy)} == {1, 2}
    assert [c.why for c in found] == ["folded", "exact", "nickname", "phonetic", "edit distance", "edit distance"]
    assert any(isinstance(c, Prefix) for c in leaves(meaning(name="J Smith").query.match))


def test_a_given_name_is_asked_for_as_other_languages_have_it() -> None:
    """Yulia is Julia and Giulia, in one clause however many they are; strict, and to take somebody out, she is Yulia alone."""
    (abroad,) = [leaf for leaf in leaves(meaning(name="Yulia").query.match) if leaf.why == "another language"]
    assert isinstance(abroad, Term)
    assert {"julia", "giulia"} <= {abroad.token, *abroad.others}
    assert all(leaf.why != "another language" for leaf in leaves(meaning(name="Yulia", strict=True).query.match))
    (excluded,) = meaning(name={"none": ["Yulia"]}).query.excluded
    assert all(leaf.why != "another language" for leaf in leaves(excluded))


def test_none_of_takes_out_the_exact_only() -> None:
    """None-of Smith does not take out Smythe."""
    (excluded,) = meaning(name={"none": ["Smith"]}).query.excluded
    assert terms(excluded) == {("name", "smith"), ("name_spelling", "smith")}


def test_all_of_and_any_of() -> None:
    """All-of asks for every value, any-of for one."""
    match = meaning(skill={"all": ["Python", "SQL"]}).query.match
    assert isinstance(match, AllOf)
    assert isinstance(meaning(company=["Birchhouse", "Optovamark"]).query.match, Best)


def test_of_several_skills_more_are_better() -> None:
    """Any-of skills add up, and a minimum says how many must be there."""
    for minimum in (1, 2):
        match = meaning(skill={"any": ["Python", "SQL", "Go"], "minimum": minimum}).query.match
        assert isinstance(match, AnyOf)
        assert (len(match.clauses), match.minimum) == (3, minimum)


def test_synonyms_are_shown_and_can_be_switched_off() -> None:
    """Another title for the same work is looked for as well, the answer says so, and `strict` leaves it out."""
    meant = meaning(job_title="Senior Software Developer")
    (word,) = meant.interpreted["words"]
    assert "synonym: senior software engineer" in word["read_as"]
    assert ("job_title", "engineer") in terms(meant.query.match)
    assert ("job_title", "engineer") not in terms(meaning(job_title="Senior Software Developer", strict=True).query.match)
    (word,) = meaning(q="recruiter").interpreted["words"]
    assert "synonym: talent acquisition specialist" in word["read_as"]


def test_strict_asks_for_what_is_spelt_so() -> None:
    """Strict: no nickname, no sound, no edit distance, in fields and in free text."""
    for body in ({"name": "Bob Casey"}, {"q": "bob casey"}):
        found = leaves(meaning(**body, strict=True).query.match)
        assert not any(isinstance(leaf, Fuzzy) or getattr(leaf, "field", "") in ("name_nickname", "name_phonetic") for leaf in found)
        assert ("name", "bob") in terms(meaning(**body, strict=True).query.match)


def test_a_title_is_one_part_of_a_free_text() -> None:
    """What is typed as "head of data siemens munich" is a title, a company and a place."""
    meant = meaning(q="head of data siemens munich")
    assert [part.text for part in meant.parts] == ["head of data", "siemens", "munich"]
    assert [part.means for part in meant.parts] == ["job_title", "", "location"]
    assert meant.interpreted["at_least"] == 3


def test_a_short_surname_is_no_legal_form() -> None:
    """Beatriz Sa is found by her Sa, too; in "Polderlijn BV" the company is meant."""
    assert ("name", "sa") in terms(meaning(q="beatriz sa").query.match)
    assert ("company_key", "polderlijn") in terms(meaning(q="polderlijn bv").query.match)


def test_filters_sort_size_and_facets_pass_through() -> None:
    """What needs no reading reaches the engine as it is."""
    query = meaning(
        has_email=True, has_phone=False, updated_since="2026-01-31", sort="updated", size=0, cursor="abc", facets=list(FACETS)
    ).query
    assert Flag("has_email", True) in query.filters
    assert Flag("has_phone", False) in query.filters
    assert any(isinstance(f, Days) and f.since is not None for f in query.filters)
    assert (query.sort, query.size, query.cursor) == (Sort.UPDATED, 0, "abc")
    assert set(query.facets) == set(FACET_FIELDS.values())


def test_what_cannot_be_is_told_all_at_once() -> None:
    """An unknown seniority, a number that is none and a value without a word are named together, with what is allowed."""
    with pytest.raises(QueryInvalid) as caught:
        meaning(seniority="emperor", function={"none": ["alchemy"]}, phone="12", email="nobody", company="!!!", q="?!")
    told = {p.pointer: p for p in caught.value.problems}
    assert set(told) == {"/seniority/any/0", "/function/none/0", "/phone", "/email", "/company/any/0", "/q"}
    assert all(p.detail and p.allowed for p in told.values())


def test_too_many_words_are_refused() -> None:
    """A pasted page is not a query."""
    with pytest.raises(QueryInvalid):
        meaning(q="a " * 40)


OPERATORS = ("AND", "OR", "NOT", "(", ")", '"cto"')
hostile = st.text(max_size=60) | st.lists(
    st.sampled_from(["new", "york", "@a", "+1", "c++", "O'Neil", "\x00", "李", "ß", "-", "a@b.co", *OPERATORS]),
    max_size=8,
).map(" ".join)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("q", "email", "phone", "link", *WORD_FIELDS), hostile)))
@example({"q": "@"})
@example({"q": "https://[::1"})
@example({"link": "http://["})
def test_any_text_means_something_or_is_refused(body: dict[str, str]) -> None:
    """No string in any field makes the reading stumble, and every clause it gives is one an engine knows."""
    try:
        query = interpret(request_from_body(body)).query
    except QueryInvalid:
        return
    for clause in (query.match, *query.excluded):
        for leaf in leaves(clause):
            assert not isinstance(leaf, Phrase) or leaf.tokens
            if isinstance(leaf, (Term, Fuzzy, Prefix)):
                assert leaf.token
                assert leaf.boost > 0


def test_reading_takes_under_a_millisecond() -> None:
    """Understanding a typical query costs nothing beside answering it (bound of 5 ms for a busy machine; about 0.3 ms here)."""
    requests = [SearchRequest(q=q) for q in ("shumer senator new york", "klobuchar minnesota", "data engineer python madrid")]
    for request in requests:
        interpret(request)
    started = time.perf_counter()
    for request in requests * 20:
        interpret(request)
    assert (time.perf_counter() - started) / 60 < 0.005
