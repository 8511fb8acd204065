"""The word somebody meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_ALSO: dict[str, tuple[str, ...]] = {
    "dexes": ("venues",), "exchanges": ("venues",), "markets": ("venues",), "tokens": ("assets",), "mints": ("assets",),
    "coins": ("assets",), "networks": ("chains",), "flash_loans": ("lenders",), "flashloans": ("lenders",),
    "bots": ("strategies",), "limits": ("risk",), "pool_lists": ("universes",), "rpc": ("endpoint",),
    "rpc_url": ("endpoint",), "node": ("endpoint",), "private_key": ("key",), "keypair": ("key",), "wallet": ("key",),
    "ticker": ("symbol",), "mint": ("address",), "min_profit": ("profit",), "slippage": ("profit",),
    "max_size": ("max_notional",), "max_amount": ("max_notional",), "maximum": ("max_notional",),
    "minimum": ("min_notional",), "max_loss": ("daily_loss",), "budget": ("daily_fees",), "fee_budget": ("daily_fees",),
    "min_balance": ("floors",), "hop": ("hops",), "type": ("connector", "kind"), "name": ("id",),
    "disabled": ("enabled",), "lookback": ("within",), "window": ("within",), "duration": ("unlock",),
    "circuit_breakers": ("breakers",), "protections": ("breakers",), "max_drawdown": ("breakers",),
    "max_daily_loss": ("daily_loss",), "max_loss_per_day": ("daily_loss",), "max_fees": ("daily_fees",),
    "daily_fee_burn": ("daily_fees",), "fee_burn": ("daily_fees",), "dry_run": ("mode",), "base_mint": ("base",),
    "settlement": ("base",), "bridges": ("intermediates",), "intermediate": ("intermediates",),
    "flash_loan": ("lenders",), "flashloan": ("lenders",), "borrow_amount": ("lender_caps",),
    "min_spend": ("min_notional",), "max_spend": ("max_notional",), "trade_size": ("fixed",),
    "max_hops": ("hops",), "interval": ("every",), "process_delay": ("trigger",), "min_gain": ("profit",),
    "cu_limit": ("units",), "compute_unit_limit": ("units",), "compute_unit_price": ("unit_price",),
    "priority_fee": ("fee",), "jito_tip": ("tip",), "uuid": ("auth",), "api_key": ("auth",), "staleness": ("max_age",),
    "update_seconds": ("poll",), "lookup_table_accounts": ("lookup_tables",), "alts": ("lookup_tables", "tables"),
    "keypair_path": ("key",), "simulation": ("simulate",), "from": ("low",), "to": ("high",),
}  # fmt: skip
"""What other bots call things that are called otherwise here."""


def nearest(word: object, options: Iterable[object], *, also: bool = False) -> str | None:
    """The option most like `word`, if any is; `also` takes what other bots call it, too."""
    known = [str(option) for option in options]
    small = str(word).lower()
    for other in (small, *(_ALSO.get(small, ()) if also else ())):
        for option in known:
            if option.lower() == other:
                return option
    close = difflib.get_close_matches(str(word), known, 1)
    return close[0] if close else None


def suggest(word: object, options: Iterable[object]) -> str:
    """Label text: the nearest option, or what there is."""
    known = [str(option) for option in options]
    close = nearest(word, known, also=True)
    if close is not None:
        return f"did you mean '{close}'?"
    if not known:
        return "there is none"
    return "one of: " + ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
