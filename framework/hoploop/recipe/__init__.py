"""Hoploop recipe."""
