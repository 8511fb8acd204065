"""How large an order's transaction is, without a key, a blockhash or a node."""

from __future__ import annotations

from collections.abc import Sequence

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash
from solders.message import CompileError, MessageV0
from solders.pubkey import Pubkey

from hoploop.errors import TransactionTooLarge
from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import Load, Order
from hoploop_solana._shared.addresses import key
from hoploop_solana.solana.config import SolanaConfig
from hoploop_solana.solana.costs import BASE_UNITS, MAX_UNITS
from hoploop_solana.solana.draft import Named
from hoploop_solana.solana.instructions import instructions
from hoploop_solana.solana.lookup import MAX_ADDRESSES
from hoploop_solana.solana.message import MAX_BYTES, MAX_LOCKS, loaded, wire_size

Tables = Sequence[AddressLookupTableAccount]


def measure(config: SolanaConfig, scope: ChainScope, order: Order) -> tuple[Load, ...]:
    """The least it can be: the recipe's lookup tables hold every account that a table may hold."""
    steps = steps_of(config, scope, order)
    tip = {key(order.tip_account, "tip account")} if order.tip_account else set()
    fixed = {step.program for step in steps} | tip
    metas = (meta for step in steps for meta in step.accounts if not meta.is_signer)
    movable = list(dict.fromkeys(meta.pubkey for meta in metas if meta.pubkey not in fixed))
    chunks = [movable[at : at + MAX_ADDRESSES] for at in range(0, len(movable), MAX_ADDRESSES)]
    keys = [key(table, "lookup_tables") for table in config.lookup_tables]
    tables = [AddressLookupTableAccount(own, chunk) for own, chunk in zip(keys, chunks, strict=False)]
    units = Load("compute units", order.opportunity.units + BASE_UNITS, MAX_UNITS)
    return (*sizes(steps, tables, scope), units)


def steps_of(config: SolanaConfig, scope: ChainScope, order: Order) -> tuple[Named, ...]:
    """The order's instructions, priced as the composer prices them."""
    units = order.opportunity.units + BASE_UNITS
    given = (min(units, MAX_UNITS), config.fees.unit_price, config.fees.loaded_bytes)
    return instructions(order, given, key(scope.owner, "owner"))


def sizes(steps: Sequence[Named], tables: Tables, scope: ChainScope) -> tuple[Load, Load]:
    """Bytes of the transaction, and accounts it locks. TransactionTooLarge when no message can hold it."""
    message = _message(key(scope.owner, "owner"), steps, tables)
    locks = len(message.account_keys) + loaded(message)
    return Load("bytes", wire_size(message), MAX_BYTES), Load("accounts", locks, MAX_LOCKS)


def _message(payer: Pubkey, steps: Sequence[Named], tables: Tables) -> MessageV0:
    try:
        return MessageV0.try_compile(payer, [step.instruction() for step in steps], list(tables), Hash.default())
    except CompileError as error:
        raise TransactionTooLarge("C211", f"the message does not compile: {error}") from None
