"""A local Solana world with a fourth asset: SOL > USDC > BONK > JUP > SOL is its only cycle of four hops."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

import msgspec
from live_street import rpc, wait_for
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.litesvm import LiteSVM
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from hoploop.local.solana import layouts, names
from hoploop.local.solana.names import JUP, SOL, USDC, LookupTableSpec, MintSpec, PoolSpec, WorldSpec
from hoploop.local.solana.traffic import towards
from hoploop.local.solana.world import AccountImage, default_world

PPM = 1_000_000
BONK = 10**5
BARE = str(names.address("alt/bare"))
"""A lookup table with none of the pools in it."""
_REFERENCE_BITS = 64
_SWAP, _TRANSFER = 1, 3


def world() -> WorldSpec:
    """The default world and three pools of BONK; `torn` is shallow and asks 30 % too little for it."""
    spec = names.default_spec()
    mints = {mint.name: mint for mint in spec.mints}
    mints["bonk"] = MintSpec(name="bonk", address=str(names.address("mint/bonk")), decimals=5)
    added = (
        names.pool_spec(mints, "bonk_usdc_20", "bonk", "usdc", 20, 30 * 10**9 * BONK, 600_000 * USDC),
        names.pool_spec(mints, "bonk_jup_25", "bonk", "jup", 25, 30 * 10**9 * BONK, 1_200_000 * JUP),
        names.pool_spec(mints, "torn", "bonk", "usdc", 20, 300 * 10**6 * BONK, 4_200 * USDC),
    )
    stock = {"wsol": 10**6 * SOL, "usdc": 10**9 * USDC, "jup": 10**9 * JUP, "bonk": 10**13 * BONK}
    executor = names.wallet_spec(mints, "executor", 100 * SOL, {"wsol": 5 * SOL, "usdc": 0, "jup": 0, "bonk": 0})
    pools = (*spec.pools, *added)
    return msgspec.structs.replace(
        spec, mints=tuple(mints.values()), pools=pools,
        wallets=(executor, names.wallet_spec(mints, "traffic", 1_000 * SOL, stock)),
        lookup_table=names.lookup_table_spec(mints, pools, spec.reserves, executor),
    )  # fmt: skip


def write(folder: Path) -> Path:
    """The world as dumps; the vaults of `torn` hold nothing, whatever its reserves say."""
    rent, spec = LiteSVM().minimum_balance_for_rent_exemption, world()
    torn = pool("torn")
    made = default_world(rent, spec=spec)
    bare = msgspec.structs.replace(spec, lookup_table=LookupTableSpec(address=BARE, addresses=(torn.mint_a,)))
    images = {str(image.address): image for image in (*default_world(rent, spec=bare).accounts, *made.accounts)}
    for vault in (torn.vault_a, torn.vault_b):
        images[vault] = _emptied(images[vault])
    for name in ("programs", "accounts"):
        (folder / name).mkdir(parents=True)
    for program in made.programs:
        (folder / "programs" / f"{program.address}.so").write_bytes(program.elf)
    for address, image in images.items():
        (folder / "accounts" / f"{address}.json").write_bytes(_dump(image))
    return folder


def own_account() -> str:
    """Where the executor holds its wrapped SOL."""
    return world().wallets[0].tokens[0].account


def pool(name: str) -> PoolSpec:
    """A pool of the world."""
    return next(pool for pool in world().pools if pool.name == name)


class Hand:
    """Moves prices and mends the torn pool, as the traffic wallet and through the node."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._key = names.keypair("traffic")
        self._pool = pool("bonk_jup_25")

    def push(self, ppm: int) -> None:
        """Bring BONK in JUP to so many millionths above or below where it began."""
        self._move(self._pool.reserve_a, self._pool.reserve_b, ppm)

    def nudge(self, ppm: int) -> None:
        """Move it by so many millionths of what it is."""
        self._move(*self._reserves(), ppm)

    def _move(self, bonk: int, jup: int, ppm: int) -> None:
        before = self._reserves()
        target = (jup << _REFERENCE_BITS) // bonk * (PPM + ppm) // PPM
        forward, amount = towards(*before, target, self._pool.fee_num, self._pool.fee_den)
        if amount:
            self._send(self._swap(forward, amount))
            wait_for(lambda: self._reserves() != before, 30, "the price to move")

    def mend(self) -> None:
        """Give the vaults of `torn` what its reserves say."""
        torn = pool("torn")
        sides = ((torn.mint_a, torn.vault_a, torn.reserve_a), (torn.mint_b, torn.vault_b, torn.reserve_b))
        self._send(*(self._transfer(mint, vault, amount) for mint, vault, amount in sides))
        wait_for(lambda: self._held(torn.vault_b), 30, "the mending")

    def _reserves(self) -> tuple[int, int]:
        found = rpc(self._endpoint, "getAccountInfo", self._pool.address, {"encoding": "base64"})["value"]
        a, b, _ = layouts.POOL.unpack(base64.b64decode(found["data"][0]))[-3:]
        return a, b

    def _held(self, account: str) -> int:
        return int(rpc(self._endpoint, "getTokenAccountBalance", account)["value"]["amount"])

    def _wallet(self, mint: str) -> Pubkey:
        return layouts.ata(self._key.pubkey(), Pubkey.from_string(mint))

    def _swap(self, forward: bool, amount: int) -> Instruction:
        sides = [(self._pool.vault_a, self._pool.mint_a), (self._pool.vault_b, self._pool.mint_b)]
        (vault_in, mint_in), (vault_out, mint_out) = sides if forward else sides[::-1]
        metas = [
            AccountMeta(Pubkey.from_string(self._pool.address), False, True),
            AccountMeta(Pubkey.from_string(self._pool.authority), False, False),
            AccountMeta(Pubkey.from_string(vault_in), False, True),
            AccountMeta(Pubkey.from_string(vault_out), False, True),
            AccountMeta(self._wallet(mint_in), False, True),
            AccountMeta(self._wallet(mint_out), False, True),
            AccountMeta(self._key.pubkey(), True, True),
            AccountMeta(layouts.TOKEN, False, False),
        ]
        return Instruction(names.address("program/amm"), struct.pack("<BQQ", _SWAP, amount, 1), metas)

    def _transfer(self, mint: str, target: str, amount: int) -> Instruction:
        metas = [
            AccountMeta(self._wallet(mint), False, True),
            AccountMeta(Pubkey.from_string(target), False, True),
            AccountMeta(self._key.pubkey(), True, False),
        ]
        return Instruction(layouts.TOKEN, struct.pack("<BQ", _TRANSFER, amount), metas)

    def _send(self, *steps: Instruction) -> None:
        recent = Hash.from_string(rpc(self._endpoint, "getLatestBlockhash")["value"]["blockhash"])
        message = MessageV0.try_compile(self._key.pubkey(), list(steps), [], recent)
        raw = base64.b64encode(bytes(VersionedTransaction(message, [self._key]))).decode()
        rpc(self._endpoint, "sendTransaction", raw, {"encoding": "base64", "preflightCommitment": "confirmed"})


def _emptied(image: AccountImage) -> AccountImage:
    """A token account without tokens: the amount stands after mint and owner."""
    return msgspec.structs.replace(image, data=image.data[:64] + bytes(8) + image.data[72:])


def _dump(image: AccountImage) -> bytes:
    account = {
        "lamports": image.lamports, "data": [base64.b64encode(image.data).decode(), "base64"],
        "owner": str(image.owner), "executable": image.executable,
    }  # fmt: skip
    return msgspec.json.encode({"pubkey": str(image.address), "account": account})
