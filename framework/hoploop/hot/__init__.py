"""Hoploop hot."""
