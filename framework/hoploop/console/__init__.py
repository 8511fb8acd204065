"""Hoploop console."""
