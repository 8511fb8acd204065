"""The local EVM world: published exchanges and lenders, our executor, money for the actors."""

from __future__ import annotations

from hoploop.local.evm.world.build import build_world

__all__ = ["build_world"]
