"""Runs a recipe on a recorded market with the engine's own parts, up to the signed bytes."""
