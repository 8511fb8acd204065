"""Recipes that `hoploop init` writes, as data, and the catalogue of them."""
