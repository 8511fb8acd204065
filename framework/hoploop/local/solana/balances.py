"""Token balances of a transaction's accounts, which LiteSVM does not report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solders.account import Account
from solders.pubkey import Pubkey

from hoploop.local.solana import layouts
from hoploop.local.solana.records import TokenBalance

_DECIMALS_AT = 44


def tokens(
    keys: Sequence[Pubkey], states: Sequence[Account | None], get: Callable[[Pubkey], Account | None]
) -> tuple[TokenBalance, ...]:
    """Balance of every token account among `states`, which are the accounts at `keys`."""
    found = []
    for index, state in enumerate(states):
        if state is None or state.owner not in layouts.TOKEN_PROGRAMS:
            continue
        token = layouts.read_token(bytes(state.data))
        if token is not None:
            found.append(
                TokenBalance(
                    index, str(token.mint), str(token.owner), str(state.owner), token.amount, decimals(token.mint, get)
                )
            )
    return tuple(found)


def decimals(mint: Pubkey, get: Callable[[Pubkey], Account | None]) -> int:
    """Decimals of a mint; 0 when it does not exist."""
    account = get(mint)
    return account.data[_DECIMALS_AT] if account is not None and len(account.data) > _DECIMALS_AT else 0


def as_text(amount: int, places: int) -> str:
    """Exact decimal text without trailing zeros, e.g. 1500000 at 6 places is `1.5`."""
    if places == 0:
        return str(amount)
    digits = str(amount).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")
