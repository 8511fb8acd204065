"""One attempt as the ledger keeps it: a projection of its events."""

from __future__ import annotations

import msgspec

from hoploop.model.states import AttemptState


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Everything recovery, the console and the reports need of one attempt. Amounts in base units."""

    id: int
    cause: int
    run: str
    """Plan fingerprint this attempt ran under."""
    chain: str
    strategy: str
    shape: str
    asset: str
    amount_in: int
    lender: str | None
    flash_fee: int
    state: AttemptState
    reason: str = ""
    detail: str = ""
    """What was said about the reason, bounded; for people only."""
    route: str = ""
    tx_id: str = ""
    expires: int = 0
    nonce: int = 0
    predicted_gross: int = 0
    predicted_network_fee: int = 0
    predicted_tip: int = 0
    predicted_net: int = 0
    """After simulation: what must be realized when nobody moves the pools first."""
    realized_gross: int | None = None
    """Realized change of the profit asset, flash fee already paid."""
    realized_network_fee: int | None = None
    realized_tip: int | None = None
    realized_net: int | None = None
    difference: str = ""
    """Reason code when realized and predicted differ."""
    number: int = 0
    """Block or slot it ended in."""
    received_ns: int = 0
    found_ns: int = 0
    signed_ns: int = 0
    sent_ns: int = 0
    settled_ns: int = 0


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt an earlier run left open. `intended` is False when its bytes certainly never left."""

    attempt: Attempt
    intended: bool
