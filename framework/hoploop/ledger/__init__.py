"""The book: events as they happened, attempts as they stand, days as they ended; one SQLite file a recipe."""
