"""The wire of /v1/jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from search_api.clean.tasks import CLEAN_TASKS
from search_api.schemas import Meta
from search_api.tasks import Asked
from search_api.verify.tasks import VERIFY_TASKS
from search_api.wire import Wire, said

MAX_ITEMS = 50_000  # questions of a job: a customer list; 10,000 addresses are about 0.5 MB of body
MAX_BODY = 16 * 1024 * 1024  # bytes: MAX_ITEMS questions of 300 bytes, several times an address with its field's name
TASKS = {task.name: task for task in (*VERIFY_TASKS, *CLEAN_TASKS)}
"""What a job may do."""


class WebhookRequest(Wire):
    """Where the job's end is told, by a POST signed as standardwebhooks.com says."""

    url: Annotated[Asked, said("At an origin the operator allows (ROSTER_WEBHOOK_ORIGINS).", "https://hooks.acme.example/roster")]
    secret: Annotated[
        Asked, said("whsec_ and 24 to 64 random bytes in base64; signs the message.", "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    ]


class JobRequest(Wire):
    """A list to work off."""

    task: Annotated[
        str,
        Field(
            description="What to do: the path of a route behind /v1/.", examples=["verify/email"], json_schema_extra={"enum": sorted(TASKS)}
        ),
    ]
    items: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MAX_ITEMS,
            description="Questions, as that route takes them.",
            examples=[[{"email": "jane@acme.example"}]],
        ),
    ]
    webhook: Annotated[WebhookRequest | None, said("Told when the job has ended; left out, nobody is.")] = None


class WebhookState(Wire):
    """What has become of telling the end."""

    url: Annotated[str, said("Where.", "https://hooks.acme.example/roster")]
    attempts: Annotated[int, said("Tries so far.", 1)]
    told_at: Annotated[datetime | None, said("When it was taken with a 2xx; null before.", "2026-11-23T09:31:00Z")]


class JobBody(Wire):
    """A job."""

    id: Annotated[str, said("The job's id.", "j0f3c5e9b7a1d4c2e8f0c5e9b")]
    task: Annotated[str, said("What it does.", "verify/email")]
    state: Annotated[
        Literal["queued", "running", "finished", "failed"],
        said("failed: given up after several faults that were not the questions'.", "running"),
    ]
    total: Annotated[int, said("Questions.", 10000)]
    done: Annotated[int, said("Questions answered.", 4300)]
    created_at: Annotated[datetime, said("When it was sent.", "2026-11-23T09:30:00Z")]
    finished_at: Annotated[datetime | None, said("When it ended; null before.", None)]
    expires_at: Annotated[datetime, said("When it is removed, with all that was sent and found.", "2026-11-26T09:30:00Z")]
    results: Annotated[str | None, said("Where its results are; null until it has finished.", None)]
    webhook: Annotated[WebhookState | None, said("What has become of telling its end; null without a webhook.", None)]


class JobAnswer(JobBody):
    """A job, with `meta`."""

    meta: Meta
