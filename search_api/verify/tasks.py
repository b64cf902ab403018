"""Verifying as tasks, in one literal table."""

from __future__ import annotations

from typing import Any

from search_api.clean.schemas import EmailQuestion, PhoneQuestion, ProfileLinkQuestion
from search_api.tasks import Task
from search_api.verify import schemas
from search_api.verify.contacts import decayed_contact, verify_contacts
from search_api.verify.emails import decayed_email, verify_emails
from search_api.verify.links import verify_links
from search_api.verify.phones import verify_phones

VERIFY_TASKS: tuple[Task[Any, Any], ...] = (
    Task("verify/email", EmailQuestion, schemas.EmailVerdict, verify_emails, decayed_email),
    Task("verify/phone", PhoneQuestion, schemas.PhoneVerdict, verify_phones),
    Task("verify/contact", schemas.ContactQuestion, schemas.ContactVerdict, verify_contacts, decayed_contact),
    Task("verify/profile-link", ProfileLinkQuestion, schemas.ProfileLinkVerdict, verify_links),
)
