"""Hoploop cli."""
