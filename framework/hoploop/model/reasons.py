"""Why something did not become a trade, or ended differently than planned: reason codes, never prose."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """One reason; values are stable and appear in the ledger, the console and `status --json`."""

    # refused before anything was built
    STALE = "stale"
    RESYNCING = "resyncing"
    MIN_PROFIT = "min_profit"
    MAX_NOTIONAL = "max_notional"
    MIN_NOTIONAL = "min_notional"
    COOLDOWN = "cooldown"
    RELOADING = "reloading"
    SUPPRESSED = "suppressed"
    RATE = "rate"
    DAILY_LOSS = "daily_loss"
    DAILY_FEES = "daily_fees"
    FLOOR = "floor"
    IN_FLIGHT = "in_flight"
    NO_FUNDS = "no_funds"
    NO_LENDER = "no_lender"
    PAUSED = "paused"
    TRIPPED = "tripped"
    UNPRICED = "unpriced"
    # lost after approval, before bytes left
    BUILD_FAILED = "build_failed"
    SIMULATION_FAILED = "simulation_failed"
    SIMULATION_UNAVAILABLE = "simulation_unavailable"
    DRY = "dry"
    GATE_CLOSED = "gate_closed"
    ROUTE_REFUSED = "route_refused"
    ROUTE_UNREACHABLE = "route_unreachable"
    # lost or ended after bytes left
    EXPIRED = "expired"
    DROPPED = "dropped"
    ON_CHAIN_GUARD = "on_chain_guard"
    DEADLINE = "deadline"
    RECOVERED = "recovered"
    # why realized differs from predicted
    POOLS_MOVED = "pools_moved"
    GAS_DIFFERED = "gas_differed"
    FEE_DIFFERED = "fee_differed"
    UNEXPLAINED = "unexplained"
