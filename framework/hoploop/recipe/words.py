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
    "disabled": ("enabled",),
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
