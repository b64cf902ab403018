"""The embedded engine: SQLite holds the truth, tantivy a disposable search index made from it.

    PATH/contacts.sqlite    records, keys, profiles, sources, meta; and the outbox, written in the transaction that changes a profile
    PATH/service.sqlite     suppressions, hidden profiles: what a serving process may write
    PATH/search/current     the name of the index in use
    PATH/search/<name>/     a tantivy index; <name> is built from the mapping's version and fingerprint (index_files.py)
    PATH/search/lock        held by the one process that writes the index

A write is acknowledged when SQLite has it on disk. Whoever holds the lock brings the index up to the outbox (admin.py); readers follow
the index by themselves (snapshot.py) and take what they show from SQLite (search.py).
"""
