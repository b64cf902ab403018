"""The OpenSearch engine: documents, outbox and search index in one cluster, so that many processes on many machines share a store.

    documents.py    records, keys, profiles ...: read by id in real time, written under conditions, one index per collection
    outbox.py       which profiles the search index has yet to show: what a killed process leaves undone is in it
    admin.py        brings the search index up to the truth, builds it anew beside the old one, swaps
    search.py       asks it; compile.py says a SearchQuery in OpenSearch's words
    connection.py   the one way to the cluster: retries, and errors that say what to do (failures.py)
    names.py        every name of an index or alias

OpenSearch has no transactions. What that means for a call of several writes, and what holds all the same, is said in engines/base.py at
`WriteDocuments.write`.
"""
