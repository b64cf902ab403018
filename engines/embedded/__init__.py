"""The embedded engine: SQLite holds the truth and an outbox, tantivy a disposable search index fed from it."""
