"""What may be held, for how long, and who must not be shown: sources, gate, retention policy, suppression, the reading door."""
