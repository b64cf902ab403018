"""/v1/profiles/export: a whole result as a stream of JSON lines or CSV."""
