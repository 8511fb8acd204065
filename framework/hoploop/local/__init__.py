"""Hoploop local."""
