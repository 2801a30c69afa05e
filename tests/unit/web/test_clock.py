"""The clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from geodata.errors import InvalidInputError
from web.clock import local_now


def test_the_moment_is_the_citys_own() -> None:
    """Shanghai is eight hours ahead of UTC all year, and the moment carries no zone."""
    ahead = local_now("Asia/Shanghai") - local_now("UTC")
    assert local_now("UTC").tzinfo is None
    assert abs(ahead - timedelta(hours=8)) < timedelta(seconds=5)
    assert isinstance(local_now("UTC"), datetime)


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    """A zone that does not exist is an error that says what to write."""
    with pytest.raises(InvalidInputError, match="IANA name"):
        local_now(zone)
