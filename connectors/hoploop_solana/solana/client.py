"""Asks one Solana node: identity, simulation, outcome and balances."""

from __future__ import annotations

import base64

from solders.pubkey import Pubkey

from hoploop.errors import ConnectorError, DecodeError, PermanentError
from hoploop.model.chain import ChainFacts, Head, Outcome, SignedTx, Simulation
from hoploop_solana._shared.accounts import Account, read_accounts, token_state
from hoploop_solana._shared.addresses import key, token_account
from hoploop_solana._shared.asking import U64, AtSlot
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana.solana.answers import (
    MAX_LOG_LINES,
    Blockhash,
    Mention,
    Meta,
    Simulated,
    Status,
    Transaction,
    error_text,
    gains,
)
from hoploop_solana.solana.memory import Composed, Memory

# Versions up to 1 are on the chain since 2026-09; without the number nodes refuse to answer about such blocks.
MAX_VERSION = 1
MENTIONS = 20
BLOCKHASH_LIFE = 150
"""Blocks a blockhash can be used for: the newest one's last valid height lies so far above the present one
(agave: MAX_PROCESSING_AGE)."""


class SolanaClient:
    """One node. `rpc` is public for the family's venues, lenders and routes."""

    def __init__(self, rpc: JsonRpc, owner: Pubkey, memory: Memory) -> None:
        self.rpc = rpc
        self._owner = owner
        self._memory = memory
        self._reports_balances = True

    async def open(self) -> ChainFacts:
        """Genesis hash, slot and software of the node."""
        genesis = await self.rpc.read("getGenesisHash", [], str)
        slot = await self.rpc.read("getSlot", [{"commitment": "processed"}], U64)
        version = await self.rpc.read("getVersion", [], dict[str, object])
        return ChainFacts(
            identity=genesis, head=Head(number=slot), client=f"solana-core {str(version.get('solana-core', '?'))[:40]}"
        )

    async def simulate(self, tx: SignedTx) -> Simulation:
        """Run on the node's newest bank, signature unchecked, blockhash as signed."""
        composed = self._memory.recall(tx.id)
        if composed is None:
            return _simulation(await self._simulated(tx, None), None)
        if self._reports_balances:
            result = await self._simulated(tx, composed)
            before, after = result.pre_token_balances, result.post_token_balances
            if result.err is not None or (before is not None and after is not None):
                change = gains(str(self._owner), before or (), after or ())
                return _simulation(result, change.get(composed.mint, 0))
            self._reports_balances = False
        return await self._simulated_between_reads(tx, composed)

    async def outcome(self, tx: SignedTx) -> Outcome | None:
        """Landed or reverted once its block is confirmed; expired once a confirmed block is past its last one."""
        status, slot = await self._status(tx.id)
        if status is None:
            latest = await self.rpc.read("getLatestBlockhash", [{"commitment": "confirmed"}], AtSlot[Blockhash])
            if latest.value.last_valid_block_height - BLOCKHASH_LIFE <= tx.expires:
                return None
            # It may have landed between the two answers, or the first came from a node that lags behind the second.
            status, slot = await self._status(tx.id)
            if status is None:
                return Outcome(status="expired", number=slot) if slot >= latest.context.slot else None
        if not status.final:
            return None
        found = await self.rpc.read(
            "getTransaction",
            [tx.id, {"encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": MAX_VERSION}],
            Transaction | None,
        )
        return None if found is None else await self._settled(tx.id, found)

    async def balance(self, asset_address: str) -> int:
        """Base units in the owner's associated token account (0 without one); "" = lamports of the owner."""
        if asset_address == "":
            answer = await self.rpc.read("getBalance", [str(self._owner), {"commitment": "processed"}], AtSlot[U64])
            return answer.value
        account = token_account(self._owner, key(asset_address, "asset"))
        (item,) = (await read_accounts(self.rpc, (account,))).items
        return 0 if item is None else token_state(item, f"token account {account}").amount

    async def _status(self, signature: str) -> tuple[Status | None, int]:
        answer = await self.rpc.read(
            "getSignatureStatuses", [[signature], {"searchTransactionHistory": True}], AtSlot[list[Status | None]]
        )
        if len(answer.value) != 1:
            raise PermanentError("C202", f"getSignatureStatuses: {len(answer.value)} answers to one question")
        return answer.value[0], answer.context.slot

    async def _simulated(self, tx: SignedTx, composed: Composed | None) -> Simulated:
        options: dict[str, object] = {
            "encoding": "base64", "commitment": "processed", "sigVerify": False, "replaceRecentBlockhash": False,
        }  # fmt: skip
        if composed is not None:
            options["accounts"] = {"encoding": "base64", "addresses": [composed.account]}
        params = [base64.b64encode(tx.raw).decode(), options]
        return (await self.rpc.read("simulateTransaction", params, AtSlot[Simulated])).value

    async def _simulated_between_reads(self, tx: SignedTx, composed: Composed) -> Simulation:
        """For nodes that do not report balances: what the wallet held must be the same before and after."""
        before = await self.balance(composed.mint)
        result = await self._simulated(tx, composed)
        left = _first_account(result)
        if result.err is not None or left is None or await self.balance(composed.mint) != before:
            return _simulation(result, None)
        return _simulation(result, token_state(left, "simulated token account").amount - before)

    async def _settled(self, signature: str, found: Transaction) -> Outcome:
        meta = found.meta
        composed = self._memory.recall(signature)
        gained = _gained(str(self._owner), composed, meta)
        return Outcome(
            status="landed" if meta.err is None else "reverted",
            number=found.slot,
            gained=gained,
            network_fee=meta.fee,
            tip=meta.tip(),
            units=meta.compute_units_consumed or 0,
            first=None if composed is None else await self._first(signature, composed, gained),
            error=error_text(meta.err),
        )

    async def _first(self, signature: str, composed: Composed, gained: int | None) -> bool | None:
        """Whether nobody moved the pools between quote and execution; None when the node cannot tell.

        A transaction in the quoted slot itself may be the one the quote rests on or one after it. Then the result
        decides: whoever got exactly the quoted gain found the pools as quoted.
        """
        for pool in composed.pools:
            try:
                mover = await self._last_mover(pool, signature)
            except ConnectorError:
                return None
            if mover is None:
                return None
            if mover > composed.slot or (mover == composed.slot and gained != composed.gain):
                return False
        return True

    async def _last_mover(self, pool: str, before: str) -> int | None:
        """Slot of the newest successful transaction naming the pool before ours; 0 without one, None unknown."""
        options = {"before": before, "limit": MENTIONS, "commitment": "confirmed"}
        mentions = await self.rpc.read("getSignaturesForAddress", [pool, options], list[Mention])
        slots = [mention.slot for mention in mentions if mention.err is None]
        if not slots and len(mentions) >= MENTIONS:
            return None
        return slots[0] if slots else 0


def _simulation(result: Simulated, gained: int | None) -> Simulation:
    return Simulation(
        ok=result.err is None,
        units=result.units_consumed or 0,
        error=error_text(result.err),
        gained=gained if result.err is None else None,
        logs=tuple(line[:1000] for line in (result.logs or ())[:MAX_LOG_LINES]),
    )


def _gained(owner: str, composed: Composed | None, meta: Meta) -> int | None:
    if meta.err is not None:
        return 0
    change = gains(owner, meta.pre_token_balances or (), meta.post_token_balances or ())
    if composed is not None:
        return change.get(composed.mint, 0)
    # After a restart: a cycle changes one of the owner's tokens, the one it started in.
    moved = [amount for amount in change.values() if amount != 0]
    return None if len(moved) > 1 else sum(moved)


def _first_account(result: Simulated) -> Account | None:
    value = result.accounts[0] if result.accounts else None
    if value is None:
        return None
    try:
        return Account(value.owner, value.lamports, value.bytes())
    except DecodeError as error:
        raise PermanentError("C202", f"simulateTransaction: {error.message}") from None
