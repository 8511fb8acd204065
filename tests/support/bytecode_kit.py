"""Published contracts on an embedded anvil of a test's own: deployed, put into random states, asked what they pay."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from eth_abi.abi import decode
from eth_utils.crypto import keccak

from hoploop.local.artifacts import PackageCache, cache_root
from hoploop.local.evm.anvil import start_anvil
from hoploop.local.evm.contracts import Artifact
from hoploop.local.evm.packages import ArtifactStore, PackageTable, find_anvil
from hoploop.local.evm.rpc import IpcClient, RpcError
from hoploop.local.evm.world.deployer import Deployer

OWNER = "0x" + "0a" * 20
PROBER = "0x" + "0b" * 20
"""Its code gives back, as the reason of a revert, whatever it is called with: a pool that calls it back for its money
says there what it wants and what it gave."""
PAYER = "0x" + "0c" * 20
"""Its code pays a pool that calls it back what it asks for, of the tokens in its storage."""
RICH = 2**254
GAS = hex(500_000_000)
_ECHO = "0x365f5f37365ffd"  # calldatacopy(0, 0, calldatasize) revert(0, calldatasize)
# The first six words of its storage, whatever it is called with.
STUB = "".join(f"60{n:02x}5460{32 * n:02x}52" for n in range(6)) + "60c05ff3"
# The same, but called with more than a selector it creates a contract of it.
_MAKER = "0x36600410602f57" + STUB + "5b365f5f37365f5ff05f5260205ff3"
# mstore(0, selector of transfer), mstore(4, caller); for both: mstore(36, amount), call(gas, token, 0, 0, 68, 0, 0)
_PAY = (
    "0x63a9059cbb60e01b5f5233600452"
    + "".join(f"60{4 + 32 * n:02x}356024525f5f60445f5f60{n:02x}545af150" for n in range(2))
    + "00"
)
_TABLE = Path(__file__).with_name("bytecode.json")


class Chain:
    """One anvil. Reads are pipelined; transactions are the owner's."""

    def __init__(self, rpc: IpcClient, store: ArtifactStore, published: Callable[[str], Artifact]) -> None:
        self.rpc = rpc
        self.deployer = Deployer(rpc, OWNER)
        self.world = store.get
        """Artifacts of the embedded world by name."""
        self.published = published
        """Other artifacts by the end of their path."""

    async def ask(self, calls: Sequence[tuple[str, bytes]], sender: str = OWNER) -> list[bytes | RpcError]:
        """What each call (to, data) answers; an error holds its revert data."""
        requests = [
            ("eth_call", ({"from": sender, "to": to, "data": "0x" + data.hex(), "gas": GAS}, "latest"))
            for to, data in calls
        ]
        answers = await self.rpc.batch(requests)
        return [answer if isinstance(answer, RpcError) else bytes.fromhex(answer[2:]) for answer in answers]

    async def act(self, calls: Sequence[tuple[str, bytes]]) -> None:
        """The payer calls each (to, data) in a block of its own; none may revert."""
        for to, data in calls:
            request = {"from": PAYER, "to": to, "data": "0x" + data.hex(), "gas": GAS}
            name = await self.rpc.call("eth_sendTransaction", request)
            await self.rpc.call("evm_mine")
            receipt = await self.rpc.call("eth_getTransactionReceipt", name)
            assert receipt["status"] == "0x1", receipt

    async def put(self, address: str, slots: Mapping[int, int]) -> None:
        """Write words of a contract's storage."""
        await self.rpc.batch(
            [("anvil_setStorageAt", (address, _word(slot), _word(value))) for slot, value in slots.items()]
        )

    async def code(self, address: str, code: str) -> None:
        """Put code there."""
        await self.rpc.call("anvil_setCode", address, code)

    async def enrich(self, token: str, holder: str, amount: int = RICH) -> None:
        """Set a balance of a mintable token."""
        await self.put(token, {mapping(0, int(holder, 16)): amount})

    async def make(self, artifact: Artifact, *parameters: int) -> str:
        """A contract that asks its creator for parameters while it is created."""
        maker = "0x" + keccak(artifact.creation_code()[:64])[12:].hex()
        await self.code(maker, _MAKER)
        await self.put(maker, dict(enumerate(parameters)))
        (answer,) = await self.ask([(maker, artifact.creation_code())])
        assert isinstance(answer, bytes), answer
        made = "0x" + answer[12:].hex()
        assert int(made, 16), "the contract was not created"
        await self.act([(maker, artifact.creation_code())])
        return made

    async def tokens(self, *decimals: int) -> list[str]:
        """New tokens in the order of their addresses, of which the payer is rich."""
        mintable = self.world("MintableERC20")
        made = sorted(self.deployer.deploy(mintable, f"token {n}", f"T{n}", n) for n in decimals)
        await self.deployer.flush()
        made.sort(key=lambda token: int(token, 16))
        for token in made:
            await self.enrich(token, PAYER)
        return made


@contextlib.asynccontextmanager
async def anvil() -> AsyncIterator[Chain]:
    """A fresh chain; LocalError when it cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="hoploop-"))
    try:
        table, cache = PackageTable.load(), PackageCache(cache_root(), lambda _: None)
        store = ArtifactStore(cache, table)
        store.ensure()
        child = await start_anvil(find_anvil(cache, table), run=folder, ipc=folder / "anvil.ipc", chain_id=31337)
        try:
            rpc = await IpcClient.connect(folder / "anvil.ipc")
            await rpc.call("anvil_setBalance", OWNER, hex(10**27))
            await rpc.call("anvil_impersonateAccount", OWNER)
            await rpc.call("evm_setBlockGasLimit", hex(2_000_000_000))
            chain = Chain(rpc, store, _published())
            await chain.code(PROBER, _ECHO)
            await chain.code(PAYER, _PAY)
            await rpc.call("anvil_setBalance", PAYER, hex(10**27))
            await rpc.call("anvil_impersonateAccount", PAYER)
            yield chain
            await rpc.close()
        finally:
            await child.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _published() -> Callable[[str], Artifact]:
    # A cache of its own: the world's keeps other files of the same packages.
    packages = msgspec.json.decode(_TABLE.read_bytes(), type=PackageTable).contracts
    cache = PackageCache(cache_root() / "bytecode", lambda _: None)
    cache.ensure(packages)
    files = {f"{package.name}/{file}": cache.path(package, file) for package in packages for file in package.files}

    def get(ending: str) -> Artifact:
        (path,) = (path for name, path in files.items() if all(part in name for part in ending.split()))
        return Artifact.load(path)

    return get


def mapping(slot: int, key: int) -> int:
    """Where a mapping keeps the value of a key (negative ones as two's complement)."""
    return int.from_bytes(keccak(_bytes(key) + _bytes(slot)), "big")


def deltas(answer: bytes | RpcError) -> tuple[int, int] | None:
    """What a pool asked the prober for: amounts of token 0 and token 1, positive to the pool; None when it reverted."""
    data = bytes.fromhex(str(answer.data or "")[2:]) if isinstance(answer, RpcError) else b""
    if data[:4] not in _CALLBACKS:
        return None
    first, second = decode(["int256", "int256"], data[4:68])
    return int(first), int(second)


_CALLBACKS = {
    keccak(text=f"{name}(int256,int256,bytes)")[:4]
    for name in ("uniswapV3SwapCallback", "pancakeV3SwapCallback", "algebraSwapCallback")
}


def number(answer: bytes | RpcError) -> int | None:
    """The one word that was answered; None for a revert."""
    return None if isinstance(answer, RpcError) else int.from_bytes(answer[:32], "big")


def outputs(artifact: Artifact, function: str, answer: bytes | RpcError) -> tuple[Any, ...]:
    """Decoded answer of a call that must not revert."""
    assert not isinstance(answer, RpcError), answer
    return artifact.results(function, answer)


def _bytes(value: int) -> bytes:
    return (value % 2**256).to_bytes(32, "big")


def _word(value: int) -> str:
    return "0x" + _bytes(value).hex()
