"""The connection to a cluster, without one."""

from __future__ import annotations

import pytest

from engines.opensearch.address import read_address
from engines.opensearch.connection import Connection
from profiles.errors import StoreUnavailable


async def test_connections_to_hosts_that_are_away_are_closed_too() -> None:
    """A job that outlived the loss of a node ends without a word about what it left open."""
    connection = Connection(read_address("opensearch+http://127.0.0.1:1,127.0.0.1:2/roster"), 0.5)
    with pytest.raises(StoreUnavailable):
        await connection.request("GET", "/")
    tried = connection._client.transport.connection_pool.orig_connections
    assert any(each.session is not None for each in tried)
    await connection.close()
    assert all(each.session is None for each in tried)
