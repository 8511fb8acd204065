"""The embedded Solana chain: LiteSVM behind JSON-RPC, WebSocket and a Jito-speaking block engine."""

from __future__ import annotations

from hoploop.local.solana.launch import start

__all__ = ["start"]
