"""Distances on the globe: great circles on a sphere, as both engines measure them."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from engines.query import Near
from profiles.models import Profile, ValueKind
from profiles.served import ServedProfile

EARTH_RADIUS_KM = 6371.0087714  # the mean radius that OpenSearch takes (WGS 84), so that both engines agree on who is within


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Between two points in degrees, by the haversine formula; within 0.6 % of the true distance, for the earth is no sphere."""
    here, there = radians(lat), radians(other_lat)
    half = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def nearest_km(profile: Profile | ServedProfile, near: Near) -> float | None:
    """How far the nearest of a person's places is from the point, in kilometres; None when no place has coordinates."""
    places = [value.parts for value in profile.of(ValueKind.LOCATION)]
    far = [
        kilometres(near.lat, near.lon, part["lat"], part["lon"])
        for part in places
        if part.get("lat") is not None and part.get("lon") is not None
    ]
    return min(far, default=None)
