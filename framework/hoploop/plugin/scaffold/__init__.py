"""Connectors that `hoploop create connector` writes, as data, and the catalogue of them."""
