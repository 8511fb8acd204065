"""What is read of the Balancer V2 Vault (v2-interfaces `IVault`, `IProtocolFeesCollector`)."""

from __future__ import annotations

from hoploop_evm._shared.words import call_data

COLLECTOR = call_data("getProtocolFeesCollector()")
FEE = call_data("getFlashLoanFeePercentage()")
"""Asked of the collector; a fraction of 10^18, applied with rounding up."""
FEE_DEN = 10**18
PAUSED = call_data("getPausedState()")
"""First word of the answer: 1 while paused."""
