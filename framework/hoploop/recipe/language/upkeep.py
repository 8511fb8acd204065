"""`wallets`, `tables` and `services`: what a bot needs besides its strategies to keep running."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.recipe.language.marks import ident, said

_TABLE = "J9qXWaYtrJuwSshN38M4LRzakVtYfUuRe3G3Vc4ZEauX"
_SECRET = {"x-secret": True, "x-apply": "engine"}


class TopUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fill a wallet from another one."""

    source: Annotated[str, said("Id of the wallet it comes from.", ref="wallets")]
    below: Annotated[str, said("When less than this is left.", unit="amount", example="0.1 WETH")]
    to: Annotated[str, said("Fill up to this.", unit="amount", example="0.5 WETH")]


class WalletItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key with a role."""

    id: Annotated[str, ident("Name of the wallet.", "spare")]
    enabled: Annotated[bool, said("false leaves it out of the plan.")] = True
    chain: Annotated[str, said("Id of the chain.", ref="chains")]
    key: Annotated[str, Meta(description="Secret reference of its key.", extra_json_schema=_SECRET)]
    role: Annotated[Literal["signer", "tips", "treasury"], said("What it is for.")] = "signer"
    floor: Annotated[str, said("Least that stays in it.", unit="amount", example="0.05 WETH")] | None = None
    count: Annotated[int, said("How many wallets of one mnemonic.", ge=1, le=256, example=8)] | None = None
    derivation: Annotated[str, said("Path of the first one.", example="m/44'/60'/0'/0/0")] | None = None
    top_up: Annotated[TopUp | None, said("Fill it from another one.")] = None


class TableFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of tables in a file or on the web."""

    path: Annotated[str, said("Path or URL.", min_length=1, example="tables.txt")]
    poll: Annotated[int, said("Read it again this often.", unit="duration_ms")] | None = None


class TableItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set of address-lookup tables."""

    id: Annotated[str, ident("Name of the set.", "mine")]
    enabled: Annotated[bool, said("false leaves it out of the plan.")] = True
    chain: Annotated[str, said("Id of the chain.", ref="chains")]
    addresses: Annotated[tuple[str, ...], said("The tables.", example=[_TABLE])] = ()
    files: Annotated[tuple[TableFile, ...], said("Lists of tables.")] = ()
    holds: Annotated[tuple[str, ...], said("Addresses that must be in them.", example=[_TABLE])] = ()
    exclude: Annotated[tuple[str, ...], said("Addresses that must not.", example=[_TABLE])] = ()
    per_pool: Annotated[int, said("Most tables taken for one pool.", ge=1, example=2)] | None = None
    max_per_transaction: Annotated[int, said("Most tables in one transaction.", ge=1, le=16)] | None = None
    manage: Annotated[
        Literal["never", "extend", "create", "close"],
        said("Whether Hoploop may write to tables, make them, or also close what is not used any more."),
    ] = "never"


class Blockhash(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where blockhashes come from."""

    every: Annotated[int, said("Ask this often.", unit="duration_ms")] | None = None
    source: Annotated[Literal["node", "stream"], said("Who is asked.")] = "node"


class TokenAccounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Token accounts of the signer."""

    create: Annotated[bool, said("Make the missing ones.")] = False
    every: Annotated[int, said("Check this often.", unit="duration_ms")] | None = None


class Unwrap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Turn wrapped coin into native coin, or back."""

    asset: Annotated[str, said("The wrapped asset.", ref="assets")]
    below: Annotated[str, said("When less native coin is left.", unit="amount", example="0.5 SOL")]
    to: Annotated[str, said("Unwrap up to this.", unit="amount", example="1 SOL")]
    every: Annotated[int, said("Look this often.", unit="duration_ms", example="10m")] | None = None
    fee: Annotated[str, said("Priority fee.", unit="amount", example="0.00001 SOL")] | None = None
    routes: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "routes"})], ...], said("How it is sent.")
    ] = ()


class Nonces(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Durable nonce accounts (Solana)."""

    accounts: Annotated[tuple[str, ...], said("The accounts.", example=[_TABLE])] = ()
    create: Annotated[int, said("How many to make.", ge=0, le=64)] = 0


class NodeHealth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a node counts as ill."""

    max_behind: Annotated[int, said("Blocks or slots behind the others.", ge=0)] = 5
    every: Annotated[int, said("Ask this often.", unit="duration_ms")] = 1_000
    window: Annotated[int, said("Answers that are looked back on.", ge=1, example=100)] | None = None


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What assets are worth, for limits in US dollars."""

    url: Annotated[str, said("Who is asked.", example="https://prices.example")] | None = None
    every: Annotated[int, said("Ask this often.", unit="duration_ms", example="10s")] | None = None
    fixed: Annotated[
        dict[str, Annotated[str, Meta(extra_json_schema={"x-unit": "usd"})]],
        said("Asset id -> price of one.", example={"weth": "2500 USD"}),
    ] = {}


class AccountSizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Account data a transaction may load, measured (Solana)."""

    buffer: Annotated[int, said("Bytes on top of what is measured.", ge=0, example=65_536)] = 0
    unknown: Annotated[int, said("Bytes of an account that cannot be measured.", ge=0, example=10_240)] = 0


class ServicesItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chores beside the strategies."""

    blockhash: Annotated[Blockhash | None, said("Where blockhashes come from.")] = None
    token_accounts: Annotated[TokenAccounts | None, said("Token accounts of the signer.")] = None
    unwrap: Annotated[tuple[Unwrap, ...], said("Wrapped coin into native coin.")] = ()
    wrap: Annotated[tuple[Unwrap, ...], said("Native coin into wrapped coin.")] = ()
    prices: Annotated[Prices | None, said("What assets are worth.")] = None
    account_sizes: Annotated[AccountSizes | None, said("Account data a transaction may load.")] = None
    nonces: Annotated[Nonces | None, said("Durable nonce accounts.")] = None
    node_health: Annotated[NodeHealth | None, said("When a node counts as ill.")] = None
