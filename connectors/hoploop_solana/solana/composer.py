"""Turns orders into signed v0 transactions; owns blockhash, lookup tables and fee policy."""

from __future__ import annotations

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash, ParseHashError
from solders.pubkey import Pubkey

from hoploop.errors import BuildError, PermanentError, TransactionTooLarge
from hoploop.model.chain import SignedTx
from hoploop.model.market import Opportunity
from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import Bid, Client, FeeTerms, Order
from hoploop.plugin.signing import Signing
from hoploop_solana._shared.accounts import read_accounts
from hoploop_solana._shared.addresses import key, token_account
from hoploop_solana._shared.asking import AtSlot
from hoploop_solana.solana.answers import Blockhash
from hoploop_solana.solana.config import SolanaConfig
from hoploop_solana.solana.costs import BASE_UNITS, MAX_UNITS, fee_terms
from hoploop_solana.solana.draft import SolanaDraft
from hoploop_solana.solana.instructions import instructions
from hoploop_solana.solana.lookup import usable_tables
from hoploop_solana.solana.memory import Composed, Memory
from hoploop_solana.solana.prebuilt import Given, Prebuilt
from hoploop_solana.solana.shapes import Shapes
from hoploop_solana.solana.signing import Signer

VARIANTS = 65_536


class SolanaComposer:
    """One wallet on one chain.

    Solana runs identical bytes once, so the same opportunity composed twice under one blockhash must differ. The
    difference sits in the low bits of the loaded-data limit: unlike the unit limit or price it changes no fee.
    """

    def __init__(
        self, config: SolanaConfig, scope: ChainScope, signer: Signer, memory: Memory, signing: Signing | None = None
    ) -> None:
        self._config = config
        self._scope = scope
        self._signer = signer
        self._memory = memory
        self._shapes = Shapes(signer.owner, signing)
        self._prebuilt = Prebuilt(signer, signing)
        self._wallets: dict[str, str] = {}
        self._table_keys = tuple(key(text, "lookup_tables") for text in config.lookup_tables)
        self._tables: tuple[AddressLookupTableAccount, ...] = ()
        self._blockhash: tuple[Hash, int] | None = None
        self._composed = 0

    async def refresh(self, client: Client) -> None:
        """Read the newest confirmed blockhash and the lookup tables. MissingLookupTable also stops composing."""
        try:
            if self._table_keys:
                answer = await read_accounts(client.rpc, self._table_keys, "confirmed")
                self._use(usable_tables(self._table_keys, answer))
        except BuildError:
            self._blockhash = None
            raise
        latest = await client.rpc.read("getLatestBlockhash", [{"commitment": "confirmed"}], AtSlot[Blockhash])
        self._blockhash = (_hash(latest.value.blockhash), latest.value.last_valid_block_height)

    def compose(self, order: Order) -> SolanaDraft:
        """Fix every byte but the signature. BuildError names the limit that is broken."""
        blockhash, expires = self._recent()
        given = self._given(order.opportunity.units)
        steps = instructions(order, given, self._signer.owner)
        # Jito wants tip accounts static, so a table that lists this one is left out.
        tables = tuple(table for table in self._tables if _key(order.tip_account) not in table.addresses)
        payload = self._shapes.message(steps, tables, blockhash)
        pools = tuple(dict.fromkeys(step.pool for step in order.steps if step.pool))
        self._prebuilt.add(order, given, blockhash, payload, pools)
        self._composed += 1
        fee = 0 if order.loan is None else order.opportunity.flash_fee
        composed = self._facts(order.opportunity, pools, fee)
        return SolanaDraft(payload=payload, instructions=steps, tables=tables, expires=expires, composed=composed)

    def sign(self, draft: SolanaDraft) -> SignedTx:
        """Sign; the id is the base58 signature, known before sending."""
        signature, raw = self._signer.sign(draft.payload)
        self._memory.remember(signature, draft.composed)
        return SignedTx(chain=self._scope.chain_id, id=signature, raw=raw, expires=draft.expires)

    def fill(self, bid: Bid) -> SignedTx | None:
        """What `sign` gives of what `compose` gives, from the route's template; None while there is none."""
        blockhash, expires = self._recent()
        opportunity = bid.opportunity
        made = self._prebuilt.sign(bid, self._given(opportunity.units), blockhash)
        if made is None:
            return None
        self._composed += 1
        pools, signature, raw = made
        fee = 0 if opportunity.lender is None else opportunity.flash_fee
        self._memory.remember(signature, self._facts(opportunity, pools, fee))
        return SignedTx(chain=self._scope.chain_id, id=signature, raw=raw, expires=expires)

    def fees(self) -> FeeTerms:
        """One signature, and the unit price on the requested limit (charged whether used or not)."""
        return fee_terms(self._config)

    def _recent(self) -> tuple[Hash, int]:
        if self._blockhash is None:
            raise BuildError("C214", "no recent blockhash")
        return self._blockhash

    def _given(self, units: int) -> Given:
        units += BASE_UNITS
        if not 0 < units <= MAX_UNITS:
            raise TransactionTooLarge("C211", f"{units} compute units; a transaction may ask for {MAX_UNITS}")
        fees = self._config.fees
        return units, fees.unit_price, fees.loaded_bytes - self._composed % VARIANTS

    def _use(self, tables: tuple[AddressLookupTableAccount, ...]) -> None:
        if tables != self._tables:
            self._tables = tables
            self._shapes.forget()
            self._prebuilt.forget()

    def _wallet(self, mint: str) -> str:
        if mint not in self._wallets:
            self._wallets[mint] = str(token_account(self._signer.owner, key(mint, "asset")))
        return self._wallets[mint]

    def _facts(self, opportunity: Opportunity, pools: tuple[str, ...], fee: int) -> Composed:
        mint = self._scope.assets[opportunity.asset].address
        return Composed(
            mint=mint,
            account=self._wallet(mint),
            pools=pools,
            slot=opportunity.seq >> 20,
            gain=opportunity.gross - fee,
        )


def _key(text: str) -> Pubkey | None:
    return key(text, "tip account") if text else None


def _hash(text: str) -> Hash:
    try:
        return Hash.from_string(text)
    except ParseHashError:
        raise PermanentError("C202", "getLatestBlockhash: the answer is not a hash") from None
