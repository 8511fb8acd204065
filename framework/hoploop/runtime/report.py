"""The last line of a headless run: one JSON object that says what happened."""

from __future__ import annotations

from typing import Any

import msgspec

from hoploop.model.status import ChainStatus, EngineStatus


def summary(status: EngineStatus) -> dict[str, Any]:
    """Totals by chain and over all; amounts are base units as decimal text, latencies microseconds."""
    chains = {chain.id: _chain(chain) for chain in status.chains}
    return {
        "recipe": status.recipe,
        "fingerprint": status.fingerprint,
        "mode": status.mode,
        "gate": status.gate.state,
        "gate_reason": status.gate.reason,
        "chains": chains,
        "flash_loans": {
            "used": sum(chain.flash_loans.used for chain in status.chains),
            "repaid": sum(chain.flash_loans.repaid for chain in status.chains),
        },
        "latency_us": msgspec.to_builtins(status.latency_us),
    }


def _chain(chain: ChainStatus) -> dict[str, Any]:
    return {
        "updates": chain.updates,
        "candidates": chain.candidates,
        "attempts": msgspec.to_builtins(chain.attempts),
        "profit": msgspec.to_builtins(chain.profit),
        "flash_loans": msgspec.to_builtins(chain.flash_loans),
        "gaps": chain.gaps,
        "reasons": dict(sorted(chain.reasons.items())),
    }
