"""Hoploop engine."""
