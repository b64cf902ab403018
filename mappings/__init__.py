"""How profiles are indexed: versioned data in OpenSearch's own words, and the few lines that read it."""
