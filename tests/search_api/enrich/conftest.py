"""The people and the app of the tests of verifying: who is verified against is who is found."""

from __future__ import annotations

from tests.search_api.verify.conftest import client, dns, make_client, people, reader, verifier  # noqa: F401  # fixtures
