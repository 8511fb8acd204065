"""Seeded trading against the pools of the local world, so that spreads open; its own process."""
