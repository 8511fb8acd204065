"""Flashbots-style relay and block builder in front of anvil; its own process."""
