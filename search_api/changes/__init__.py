"""GET /v1/changes: the feed for customers that keep copies."""
