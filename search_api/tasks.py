"""Tasks: work that is asked for one thing at a time, up to a hundred at once, or by the thousand as a job.

A task has models for its question and its result, and answers many questions together, so that a list costs few look-ups. Its route takes
one question, or {"items": [question, ...]}; what becomes of each item is an Outcome, so that one bad item does not spoil the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field, RootModel, StringConstraints, create_model

from profiles.errors import Problem, QueryInvalid, RosterError
from search_api.errors import map_error, problem_body
from search_api.requests import validated
from search_api.schemas import ErrorItem, Meta
from search_api.wire import Wire

MAX_ITEMS = 100  # questions of one call: as many as are answered within a second or two; more is a job
MAX_TEXT = 2000  # characters of one text: the longest that any normaliser looks at (a link)

Asked = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Outcome = Mapping[str, Any] | RosterError
"""What became of one question: the result, or the error that a call for it alone would get."""
Q = TypeVar("Q", bound=Wire)
S = TypeVar("S")


class Task(Generic[S, Q]):
    """A kind of work.

    name: as in its path ("clean/name").    question, result: the models of one question and of its result.    run: answers many
    questions, in order; its first argument is the service that has what the work needs.    decayed: a kept result as it counts now.
    body, answer: the models of the route: one, or a list of up to MAX_ITEMS.
    """

    def __init__(
        self,
        name: str,
        question: type[Q],
        result: type[Wire],
        run: Callable[[S, Sequence[Q]], Awaitable[list[Outcome]]],
        decayed: Callable[[dict[str, Any], datetime], dict[str, Any]] = lambda result, now: result,
    ) -> None:
        self.name, self.question, self.result, self.run, self.decayed = name, question, result, run, decayed
        self.many, self.body = _body_models(question)
        self.answer = _answer_model(result)

    def read(self, body: object) -> tuple[list[Q], bool]:
        """The questions in a body, and whether they came as a list. Raises QueryInvalid with every mistake, by JSON pointer."""
        if isinstance(body, dict) and "items" in body:
            items: list[Q] = validated(self.many, body).items  # type: ignore[attr-defined]  # made in __init__
            return items, True
        if not isinstance(body, dict):
            fields = ", ".join(self.question.model_fields)
            allowed = f'an object with {fields}, or {{"items": [..]}} with up to {MAX_ITEMS} of them'
            raise QueryInvalid([Problem("", "the body is not a JSON object", allowed)])
        return [validated(self.question, body)], False

    def check(self, questions: list[dict[str, Any]]) -> None:
        """Raises QueryInvalid with every mistake in a job's questions, by JSON pointer into its body."""
        validated(_job_model(self.question), {"items": questions})


class ItemProblem(Wire):
    """Why an item has no result: the problem that a call for it alone would get."""

    type: Annotated[str, Field(description="The kind of error; docs/errors.md lists them.", examples=["urn:roster:problem:suppressed"])]
    title: Annotated[str, Field(description="The same in words.", examples=["Nothing may be said about this"])]
    detail: Annotated[str, Field(description="What is the matter in this case.", examples=["nothing may be said about this"])]
    errors: Annotated[list[ErrorItem], Field(description="Each thing wrong: where, what, and what is allowed.", examples=[[]])]


class Item(Wire):
    """One item of an answer to a list, in the place of its question."""

    status: Annotated[int, Field(description="The HTTP status that a call for this item alone would have.", examples=[200])]
    problem: Annotated[ItemProblem | None, Field(description="Why there is no result; null when there is one.", examples=[None])]


@lru_cache  # tasks that ask the same share the models: one name stands for one model in /openapi.json
def _body_models(question: Any) -> tuple[type[BaseModel], type[BaseModel]]:
    """A list of questions, and what a body may be: one or a list."""
    name = question.__name__
    items: Any = (Annotated[list[question], Field(min_length=1, max_length=MAX_ITEMS, description="Several, in one call.")], ...)
    many: Any = create_model(f"{name}List", __base__=Wire, __doc__="Several questions.", items=items)
    return many, create_model(f"{name}Body", __base__=RootModel[question | many], __doc__="One question, or several.")


@lru_cache
def _job_model(question: Any) -> type[BaseModel]:
    return create_model(f"{question.__name__}Job", __base__=Wire, items=(list[question], ...))


def _answer_model(result: Any) -> type[BaseModel]:
    """What an answer may be: a result, or a list of items, with `meta`."""
    name, described = result.__name__, Field(description="The result; null where `problem` says why not.", examples=[None])
    item: Any = create_model(f"{name}Item", __base__=Item, __doc__=Item.__doc__, result=(result | None, described))
    items: Any = (Annotated[list[item], Field(description="In the order of the questions.")], ...)
    several: Any = create_model(f"{name}List", __base__=Wire, __doc__="What became of each question.", items=items, meta=(Meta, ...))
    one: Any = create_model(f"{name}Answer", __base__=result, __doc__=result.__doc__, meta=(Meta, ...))
    return create_model(f"{name}Answers", __base__=RootModel[one | several], __doc__="One result, or one for each question.")


def item_body(outcome: Outcome) -> dict[str, Any]:
    """An outcome as one item of a list: its status, and the result or the problem."""
    if isinstance(outcome, RosterError):
        return {"status": map_error(outcome).status, "result": None, "problem": problem_body(outcome)}
    return {"status": 200, "result": outcome, "problem": None}
