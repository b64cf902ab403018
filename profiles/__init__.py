"""What a profile is: models, errors, normalisers, merging, resolving, retention. Pure: no input or output, nothing of ours imported."""
