"""The Hoploop flash lender: terms, the two instructions around the swaps, and what its vaults hold."""

from __future__ import annotations

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError, PermanentError
from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import Client, LenderTerms, Loan
from hoploop_solana._shared.accounts import Account, read_accounts, token_state
from hoploop_solana._shared.addresses import INSTRUCTIONS_SYSVAR, TOKEN, authority, key, not_keys, token_account
from hoploop_solana._shared.steps import Step, readonly, signer, writable
from hoploop_solana.hoploop_lend.config import HoploopLendConfig, Reserve
from hoploop_solana.hoploop_lend.layout import (
    AMOUNT_AT,
    BORROW_INDEX_AT,
    ReserveState,
    borrow_data,
    decode_reserve,
    repay_data,
)

LOAN_UNITS = 8_000
"""Planning value: a borrow and its repay take about 5,050 compute units together."""


class _Keys(msgspec.Struct, frozen=True):
    """A reserve's accounts, derived once."""

    reserve: Pubkey
    authority: Pubkey
    vault: Pubkey
    mint: Pubkey
    wallet: Pubkey


class HoploopLend:
    """Lends `config.reserves` within one transaction to the wallet's associated token accounts."""

    def __init__(self, config: HoploopLendConfig, scope: ChainScope) -> None:
        self._id = config.id
        self._fee = config.fee
        self._program = key(config.program, "program")
        self._owner = key(scope.owner, "owner")
        self._keys = {reserve.asset: self._derive(reserve, scope) for reserve in config.reserves}

    def terms(self) -> LenderTerms:
        """The fee rounds up and has no minimum."""
        return LenderTerms(
            assets=tuple(self._keys), fee_num=self._fee.num, fee_den=self._fee.den,
            rounding="up", min_fee=0, units=LOAN_UNITS,
        )  # fmt: skip

    def loan(self, asset: str, amount: int, fee: int) -> Loan:
        """Borrow and repay `amount`; the program pulls `fee` on top. The composer fills in where the borrow stands."""
        keys = self._keys[asset]
        sysvar, token = readonly(INSTRUCTIONS_SYSVAR), readonly(TOKEN)
        borrow = Step(
            name=f"hoploop_lend.borrow {self._id} {asset}",
            program=self._program,
            accounts=(
                writable(keys.reserve), readonly(keys.authority), writable(keys.vault), writable(keys.wallet),
                sysvar, token,
            ),
            data=borrow_data(amount),
            amount_at=AMOUNT_AT,
        )  # fmt: skip
        repay = Step(
            name=f"hoploop_lend.repay {self._id} {asset}",
            program=self._program,
            accounts=(
                writable(keys.reserve), writable(keys.vault), writable(keys.wallet), signer(self._owner), sysvar, token,
            ),
            data=repay_data(amount, 0),
            loan_index_at=BORROW_INDEX_AT,
            amount_at=AMOUNT_AT,
        )  # fmt: skip
        return Loan(before=(borrow,), after=(repay,))

    async def available(self, client: Client, asset: str) -> int:
        """The vault's balance; 0 when the reserve is disabled. PermanentError when the chain contradicts the recipe."""
        keys = self._keys[asset]
        answer = await read_accounts(client.rpc, (keys.reserve, keys.vault))
        reserve, vault = answer.items
        state = self._verified(asset, keys, reserve)
        funds = token_state(vault, f"reserve {asset!r}: vault")
        if funds.mint != keys.mint:
            raise PermanentError("C206", f"reserve {asset!r}: vault: it holds mint {funds.mint}")
        return funds.amount if state.enabled else 0

    def _derive(self, reserve: Reserve, scope: ChainScope) -> _Keys:
        account = key(reserve.reserve, f"reserves.{reserve.asset}.reserve")
        mint = key(scope.assets[reserve.asset].address, f"reserves.{reserve.asset}: asset")
        return _Keys(
            reserve=account,
            authority=authority(account, self._program),
            vault=key(reserve.vault, f"reserves.{reserve.asset}.vault"),
            mint=mint,
            wallet=token_account(self._owner, mint),
        )

    def _verified(self, asset: str, keys: _Keys, account: Account | None) -> ReserveState:
        name = f"reserve {asset!r}"
        if account is None:
            raise PermanentError("C206", f"{name}: reserve: no such account on this chain")
        if account.owner != str(self._program):
            raise PermanentError("C206", f"{name}: program: the account belongs to {account.owner}")
        try:
            state = decode_reserve(account.data)
        except DecodeError as error:
            raise PermanentError("C206", f"{name}: reserve: {error.message}") from None
        if state.fee_num * self._fee.den != self._fee.num * state.fee_den:
            raise PermanentError("C206", f"{name}: fee: the chain says {state.fee_num}/{state.fee_den}")
        for field, chain, recipe in (("asset", state.mint, keys.mint), ("vault", state.vault, keys.vault)):
            if chain != recipe:
                raise PermanentError("C206", f"{name}: {field}: the chain says {chain}, the recipe {recipe}")
        return state


def check(config: HoploopLendConfig, scope: ChainScope) -> list[str]:
    """Keys that are none, assets the chain does not have, assets named twice."""
    problems = not_keys(program=config.program)
    seen: set[str] = set()
    for reserve in config.reserves:
        where = f"reserves.{reserve.asset}"
        problems += [f"{where}.{problem}" for problem in not_keys(reserve=reserve.reserve, vault=reserve.vault)]
        if reserve.asset not in scope.assets:
            problems.append(f"{where}: unknown asset")
        if reserve.asset in seen:
            problems.append(f"{where}: this asset is named twice")
        seen.add(reserve.asset)
    if config.fee.num >= config.fee.den:
        problems.append("fee: must be below 100%")
    return problems
