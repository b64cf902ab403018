"""The HTTP API: routes, wire shapes, what a search means."""
