"""/v1/searches: saved searches, and what has changed in what they find."""
