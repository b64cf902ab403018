"""Requests signed for AWS (Signature Version 4), by the client's own signer."""

from __future__ import annotations

from typing import Any

from opensearchpy import AWSV4SignerAsyncAuth

from engines.opensearch.address import Address, Signing
from profiles.errors import Problem, SettingsInvalid


def signer(address: Address, signing: Signing) -> AWSV4SignerAsyncAuth:
    """What signs each request: with the address's key, or else with what AWS's own tools would use.

    That is: the variables AWS_ACCESS_KEY_ID ..., the shared files in ~/.aws, the role of the container or machine; temporary credentials
    are renewed by themselves. Raises SettingsInvalid when there are none, or the package that knows how is missing.
    """
    try:
        from botocore.credentials import Credentials
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session
    except ImportError:
        what = "asks for signed requests, and the package botocore is not installed"
        raise SettingsInvalid([Problem("store", what, "pip install 'roster[aws]'")]) from None
    credentials: Any
    if address.user is not None:
        credentials = Credentials(address.user, address.password)
    else:
        try:
            credentials = Session().get_credentials()
        except BotoCoreError as error:  # such as a profile that the shared files do not have; its text names files, and no secret
            raise SettingsInvalid([Problem("store", f"finds no AWS credentials ({error})", _ALLOWED)]) from None
    if credentials is None:
        raise SettingsInvalid([Problem("store", "finds no AWS credentials", _ALLOWED)])
    return AWSV4SignerAsyncAuth(credentials, signing.region, signing.service)


_ALLOWED = "user and password_file in the url (an access key and its secret), or what AWS's tools read: AWS_... variables, ~/.aws, a role"
