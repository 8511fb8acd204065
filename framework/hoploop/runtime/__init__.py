"""Hoploop runtime."""
