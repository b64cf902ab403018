"""What each clause of a query matches, and what it scores."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.base import Writer
from engines.query import (
    AllOf,
    AnyOf,
    Best,
    Clause,
    Days,
    Everything,
    Flag,
    Fuzzy,
    Phrase,
    Prefix,
    SearchQuery,
    Sort,
    Term,
    Without,
)
from profiles.errors import QueryInvalid
from profiles.models import ProfileState
from tests.contract.conftest import answer, find, index
from tests.contract.people import TODAY, drop, person


@pytest.fixture
async def people(writer: Writer) -> Writer:
    """Six people to search among."""
    await index(
        writer,
        person("anna", "Anna Berg", title="Software Engineer", company="Altenrich", skills=["C++", "Python"], city="Munich"),
        person(
            "bob", "Bob Casey", title="Sales Manager", company="Jadeloop", skills=["Excel"], city="Berlin", email="bob@jadeloop.example"
        ),
        person("carla", "Carla Bergmann", title="Software Engineer", company="Jadeloop", skills=["Python", "SQL"], city="Munich"),
        person("dieter", "Dieter Schmidt", title="Engineer", company="Stanwick Retail", updated=TODAY - timedelta(days=40)),
        person("maria", "María de Vries", title="Head of Sales", company="Stanwick Retail", country="NL", city="Utrecht"),
        person("otto", "Otto Müller", skills=["C#", "SQL", "Python"], city="Berlin"),
    )
    return writer


async def ids(store: Writer, clause: Clause) -> set[str]:
    """Who matches a clause."""
    return set(await find(store, SearchQuery(match=clause)))


async def scores(store: Writer, clause: Clause) -> dict[str, float]:
    """The score of everyone who matches."""
    return {hit.id: round(hit.score, 4) for hit in (await answer(store, SearchQuery(match=clause))).hits}


async def test_term(people: Writer) -> None:
    """A token of a text field and the whole value of a keyword field are found exactly, no part of them."""
    assert await ids(people, Term("name", "berg")) == {"anna"}
    assert await ids(people, Term("name", "ber")) == set()
    assert await ids(people, Term("skill_key", "c++")) == {"anna"}
    assert await ids(people, Term("city", "Munich")) == {"anna", "carla"}
    assert await ids(people, Term("name_exact", "maria de vries")) == {"maria"}
    assert await ids(people, Term("email", "bob@jadeloop.example")) == {"bob"}
    assert await ids(people, Term("name", "mueller")) == {"otto"}, "both spellings of an umlaut are indexed"


async def test_a_flat_term_scores_its_boost(people: Writer) -> None:
    """However rare the word, a flat term scores the boost, and only the boost."""
    for token, found in (("berg", {"anna": 2.5}), ("maria", {"maria": 2.5})):
        assert await scores(people, Term("name", token, 2.5, flat=True)) == found


async def test_a_flat_term_with_others_is_any_of_them(people: Writer) -> None:
    """Whichever of the tokens is there, and however many, the boost is given once; a token that no index can hold does no harm."""
    asked = Term("name", "berg", 2.5, flat=True, others=("maria", "anna", "\ud800"))
    assert await scores(people, asked) == {"anna": 2.5, "maria": 2.5}


async def test_a_rare_word_scores_what_the_formula_says(people: Writer) -> None:
    """BM25 with the factor k1 + 1, on every engine: a weight means the same beside a constant wherever it is used."""
    # six names of about 16 words, two of them here: idf = ln(1 + 5.5 / 1.5), tf = 1
    (score,) = (await scores(people, Term("name", "casey"))).values()
    assert score == pytest.approx(2.2 * 1.5404 / (1 + 1.2 * (0.25 + 0.75 * 2 / (16 / 6))), abs=0.1)


async def test_words_written_as_one(people: Writer) -> None:
    """A hyphenated name and a name with a particle are found run together."""
    await index(people, person("jia", "Jia-Xiu Lim"))
    assert await ids(people, Term("name", "jiaxiu")) == {"jia"}
    assert await ids(people, Term("name", "devries")) == {"maria"}


async def test_names_as_they_are_spelt(people: Writer) -> None:
    """Accents tell spellings apart where they are asked for."""
    assert await ids(people, Term("name_spelling", "müller")) == {"otto"}
    assert await ids(people, Term("name_spelling", "muller")) == set()


async def test_names_by_sound_and_by_nickname(people: Writer) -> None:
    """The codes and formal names of a name's words are in the index."""
    assert await ids(people, Term("name_nickname", "robert")) == {"bob"}
    assert await ids(people, Term("name_phonetic", "m:BRK")) == {"anna"}


async def test_a_text_field_scores_rarity_and_a_keyword_field_its_boost(people: Writer) -> None:
    """Rare words count more than common ones; boosts multiply; a keyword scores the boost itself, however common."""
    rare, common = await scores(people, Term("job_title", "manager")), await scores(people, Term("job_title", "engineer"))
    assert rare["bob"] > common["anna"] > 0
    tripled = await scores(people, Term("job_title", "manager", boost=3.0))
    assert tripled["bob"] == pytest.approx(3 * rare["bob"], rel=1e-3)
    assert await scores(people, Term("city", "Munich", boost=2.5)) == {"anna": 2.5, "carla": 2.5}
    assert await scores(people, Term("city", "Utrecht", boost=2.5)) == {"maria": 2.5}


async def test_fuzzy(people: Writer) -> None:
    """Within one or two edits, a transposition counting one; every match scores the boost."""
    assert await scores(people, Fuzzy("name", "shcmidt", 1, boost=0.5)) == {"dieter": 0.5}
    assert await ids(people, Fuzzy("name", "schmitd", 1)) == {"dieter"}
    assert await ids(people, Fuzzy("name", "schmd", 1)) == set()
    assert await ids(people, Fuzzy("name", "schmd", 2)) == {"dieter"}
    assert await ids(people, Fuzzy("name", "berg", 1)) == {"anna"}, "the word itself is within any distance"
    for distance in (0, 3):
        with pytest.raises(QueryInvalid):
            await ids(people, Fuzzy("name", "berg", distance))


async def test_prefix(people: Writer) -> None:
    """A token that starts so; every match scores the boost."""
    assert await scores(people, Prefix("name", "berg", boost=0.3)) == {"anna": 0.3, "carla": 0.3}
    assert await ids(people, Prefix("company_key", "stan")) == {"dieter", "maria"}
    assert await ids(people, Prefix("name", "bergmanns")) == set()


async def test_phrase(people: Writer) -> None:
    """Tokens that follow one another, in one value."""
    assert await ids(people, Phrase("job_title", ("software", "engineer"))) == {"anna", "carla"}
    assert await ids(people, Phrase("job_title", ("engineer", "software"))) == set()
    assert await ids(people, Phrase("skill", ("python", "sql"))) == set(), "two skills are no phrase"
    assert await ids(people, Phrase("job_title", ("manager",))) == {"bob"}
    assert await ids(people, Phrase("job_title", ())) == set()


async def test_flag_and_days(people: Writer) -> None:
    """Yes or no, and from a day until the day before another; neither scores."""
    assert await scores(people, Flag("has_email", True)) == {"bob": 0.0}
    assert "bob" not in await ids(people, Flag("has_email", False))
    day = TODAY - timedelta(days=40)
    assert await ids(people, Days("updated", until=TODAY)) == {"dieter"}
    assert await ids(people, Days("updated", since=day, until=day + timedelta(days=1))) == {"dieter"}
    assert await ids(people, Days("updated", since=day, until=day)) == set()
    assert len(await ids(people, Days("updated"))) == 6
    assert await ids(people, Days("updated", since=date.max)) == set()


async def test_any_of_and_its_minimum(people: Writer) -> None:
    """At least so many of the clauses; scores add up."""
    clauses = (Term("skill_key", "python", 1.0), Term("skill_key", "sql", 2.0), Term("city", "Berlin", 4.0))
    assert await scores(people, AnyOf(clauses)) == {"otto": 7.0, "bob": 4.0, "carla": 3.0, "anna": 1.0}
    assert await scores(people, AnyOf(clauses, minimum=2)) == {"otto": 7.0, "carla": 3.0}
    assert await ids(people, AnyOf(clauses, minimum=3)) == {"otto"}
    assert await ids(people, AnyOf(clauses, minimum=4)) == set()
    assert await ids(people, AnyOf(())) == set()


async def test_all_of_best_and_without(people: Writer) -> None:
    """All add up; of Best only the best counts; Without takes away."""
    python, berlin = Term("skill_key", "python", 1.0), Term("city", "Berlin", 4.0)
    assert await scores(people, AllOf((python, berlin))) == {"otto": 5.0}
    assert await scores(people, Best((python, berlin))) == {"otto": 4.0, "bob": 4.0, "anna": 1.0, "carla": 1.0}
    assert await scores(people, Without(python, berlin)) == {"anna": 1.0, "carla": 1.0}
    assert len(await ids(people, AllOf(()))) == 6
    assert await ids(people, Best(())) == set()


async def test_a_bonus_that_need_not_match(people: Writer) -> None:
    """Best of something or Everything adds score where the something matches and takes nobody away."""
    bonus = Best((Term("city", "Berlin", 4.0), Everything()))
    assert await scores(people, AllOf((Term("skill_key", "python", 1.0), bonus))) == {"otto": 5.0, "anna": 1.0, "carla": 1.0}
    everyone = await scores(people, AllOf((bonus, Everything())))
    assert len(everyone) == 6
    assert everyone["bob"] == 4.0


async def test_everything_matches_profiles_only(people: Writer) -> None:
    """Everything is every profile, none twice, nothing else the engine keeps."""
    result = await answer(people, SearchQuery())
    assert (result.total, len(result.hits)) == (6, 6)
    assert {hit.score for hit in result.hits} == {0.0}
    assert (await answer(people, SearchQuery(match=Without(Everything(), Term("city", "Berlin"))))).total == 4


async def test_filters_and_excluded_decide_without_scoring(people: Writer) -> None:
    """Filters must hold, excluded must not, and neither changes a score."""
    match = Term("skill_key", "python", 1.5)
    query = SearchQuery(match=match, filters=(Term("city", "Munich", 9.0), Flag("has_email", False)), excluded=(Term("name", "anna"),))
    result = await answer(people, query)
    assert [(hit.id, hit.score) for hit in result.hits] == [("carla", 1.5)]
    assert result.total == 1


async def test_hidden_is_neither_shown_nor_counted(people: Writer) -> None:
    """A hidden person is in no hit, no total and no facet."""
    query = SearchQuery(hidden=frozenset({"anna", "nobody"}), facets={"city": 5})
    result = await answer(people, query)
    assert "anna" not in {hit.id for hit in result.hits}
    assert result.total == 5
    assert dict(result.facets["city"])["Munich"] == 1


async def test_counts_are_the_totals_of_searches(people: Writer) -> None:
    """Several questions are counted at once, each as a search of its own would: whatever page, order, cursor and facets they ask."""
    asked = [
        SearchQuery(match=Term("skill_key", "python"), filters=(Term("city", "Munich"),), size=1, facets={"city": 5}),
        SearchQuery(match=Term("skill_key", "python"), excluded=(Term("name", "anna"),), hidden=frozenset({"otto"}), sort=Sort.NAME),
        SearchQuery(match=Term("name", "nobody")),
        SearchQuery(filters=(Days("updated", until=TODAY - timedelta(days=30)),), cursor="of another question"),
    ]
    assert list(await people.search.counts(asked)) == [2, 1, 0, 1]
    assert list(await people.search.counts([])) == []


async def test_facets_count_the_whole_result(people: Writer) -> None:
    """Values with the number of matching people, biggest first, ties by value; whatever the page shows."""
    query = SearchQuery(match=Term("skill_key", "python"), size=1, facets={"skill_name": 2, "city": 5, "country": 1})
    result = await answer(people, query)
    assert list(result.facets["skill_name"]) == [("Python", 3), ("SQL", 2)]
    assert list(result.facets["city"]) == [("Munich", 2), ("Berlin", 1)]
    assert list(result.facets["country"]) == [("DE", 3)]
    everyone = await answer(people, SearchQuery(size=0, facets={"company_name": 2}))
    assert list(everyone.facets["company_name"]) == [("Jadeloop", 2), ("Stanwick Retail", 2)]
    nobody = await answer(people, SearchQuery(match=Term("name", "nobody"), facets={"city": 3}))
    assert (nobody.total, list(nobody.facets["city"])) == (0, [])


async def test_facets_of_many_equal_values_come_in_order(writer: Writer) -> None:
    """Ties at the end of a facet are cut by value, not by chance."""
    await index(writer, *(person(f"p{n}", company=f"Company {n:03}") for n in range(300)))
    result = await answer(writer, SearchQuery(facets={"company_name": 3}, size=0))
    assert list(result.facets["company_name"]) == [("Company 000", 1), ("Company 001", 1), ("Company 002", 1)]


async def test_suggest(people: Writer) -> None:
    """Values of a keyword field that start so, most frequent first; nothing of deleted profiles."""
    assert list(await people.search.suggest("company_name", "J")) == [("Jadeloop", 2)]
    assert list(await people.search.suggest("skill_name", "", 2)) == [("Python", 3), ("SQL", 2)]
    await index(people, person("bob", "Bob Casey", state=ProfileState.ERASED))
    assert list(await people.search.suggest("skill_name", "E")) == []
    with pytest.raises(QueryInvalid):
        await people.search.suggest("name", "b")


async def test_suggest_counts_nobody_hidden_or_expired(people: Writer) -> None:
    """A value that only a hidden person has is not offered, and no hidden person is counted; nor is who holds something expired."""
    hidden = frozenset({"maria", "carla"})
    assert list(await people.search.suggest("city", "", hidden=hidden)) == [("Berlin", 2), ("Munich", 1)]
    assert list(await people.search.suggest("skill_name", "P", 5, frozenset({"anna", "carla", "otto"}))) == []
    await index(people, person("frida", "Frida Kahl", city="Hof", expires=TODAY + timedelta(days=3)))
    assert list(await people.search.suggest("city", "H")) == [("Hof", 1)]
    assert list(await people.search.suggest("city", "H", today=TODAY + timedelta(days=3))) == []


async def test_the_most_frequent_are_offered_of_many(writer: Writer) -> None:
    """However many values start so, the most frequent of the living come first, though others were frequent once."""
    await index(writer, *(person(f"gone{n}", f"Anna B{n}", city=f"Sa{n % 50:02}") for n in range(200)))
    await index(writer, *(person(f"p{n}", f"Otto C{n}", city=f"Sb{n % 40:02}") for n in range(60)))
    await writer.contacts.write([drop(f"gone{n}") for n in range(200)])
    await writer.index.catch_up()
    offered = list(await writer.search.suggest("city", "S", 3))
    assert offered == [("Sb00", 2), ("Sb01", 2), ("Sb02", 2)]


async def test_a_field_the_index_does_not_have_is_named(people: Writer) -> None:
    """A query for an unknown field, or the wrong kind of field, says which and what is allowed."""
    wrong: list[Clause] = [Term("salary", "1"), Flag("name", True), Days("name"), Phrase("city", ("a", "b")), Term("updated", "x")]
    for clause in wrong:
        with pytest.raises(QueryInvalid) as caught:
            await ids(people, clause)
        assert caught.value.problems[0].pointer in ("salary", "name", "city", "updated")
        assert caught.value.problems[0].allowed
    for field in ("salary", "name", "updated"):
        with pytest.raises(QueryInvalid):
            await answer(people, SearchQuery(facets={field: 3}))


async def test_size(people: Writer) -> None:
    """0 to 1000 hits; 0 counts only."""
    empty = await answer(people, SearchQuery(size=0))
    assert (empty.total, empty.hits, empty.cursor) == (6, (), None)
    for size in (-1, 1001):
        with pytest.raises(QueryInvalid):
            await answer(people, SearchQuery(size=size))


async def test_a_token_longer_than_any_is_not_found(people: Writer) -> None:
    """Seventy thousand letters match nobody, and soon."""
    for clause in (Term("name", "x" * 70_000), Fuzzy("name", "x" * 70_000, 2), Prefix("name", "x" * 70_000)):
        assert await ids(people, clause) == set()


_fields = st.sampled_from(["name", "job_title", "skill_key", "name_phonetic", "company_name"])
_tokens = st.one_of(st.text(max_size=20), st.sampled_from(["a+b", '"', "TO *}", "berg", "\x00", "\ud800", "x" * 300]))
_leaves = st.one_of(
    st.builds(Term, _fields, _tokens, st.floats(0.01, 100)),
    st.builds(Fuzzy, _fields, _tokens, st.sampled_from([1, 2])),
    st.builds(Prefix, _fields, _tokens),
    st.builds(Phrase, st.sampled_from(["name", "job_title"]), st.tuples(_tokens, _tokens)),
    st.builds(Everything),
)
_clauses = st.recursive(
    _leaves,
    lambda parts: st.one_of(
        st.builds(AnyOf, st.lists(parts, max_size=3).map(tuple), st.integers(0, 3)),
        st.builds(AllOf, st.lists(parts, max_size=3).map(tuple)),
        st.builds(Best, st.lists(parts, max_size=3).map(tuple)),
        st.builds(Without, parts, parts),
    ),
    max_leaves=6,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clause=_clauses)
async def test_no_query_breaks_the_engine(people: Writer, clause: Clause) -> None:
    """Whatever is asked, in whatever characters: an answer, never a crash, and no total that the hits contradict."""
    result = await answer(people, SearchQuery(match=clause, facets={"city": 3}))
    assert len(result.hits) == min(result.total, 10)
    assert (await people.search.health())["ready"], "no question makes the index look damaged"
