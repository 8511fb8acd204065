"""Hoploop turns a YAML recipe into a running, exact and stoppable DEX-arbitrage bot."""

__version__ = "0.1.0"
