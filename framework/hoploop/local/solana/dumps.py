"""A world read from a folder of dumps: `programs/<program id>.so` and `accounts/*.json` or `*.json.gz`."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import LocalError
from hoploop.local.solana import encoding, layouts, names
from hoploop.local.solana.wire import RpcError
from hoploop.local.solana.world import AccountImage, Program, Rent, World, load_spec, mints, wallet_accounts

MAX_ACCOUNT_BYTES = 10 * 1024 * 1024
_MAX_FILE_BYTES = 4 * MAX_ACCOUNT_BYTES
_MAX_U64 = 2**64 - 1


class _Account(msgspec.Struct):
    """The `account` object of `solana account --output json`."""

    lamports: int
    data: tuple[str, str]
    owner: str
    executable: bool = False


class _Dump(msgspec.Struct):
    """One dump file."""

    pubkey: str
    account: _Account


def dumped_world(folder: Path, rent: Rent) -> World:
    """Programs and accounts of `folder`, and the funded executor unless a dump names its accounts.

    LocalError X202 for a folder without dumps, X203 for an account file, X204 for a program file; each names the file.
    """
    programs = tuple(read_program(path) for path in _files(folder / "programs", "*.so"))
    listed = _files(folder / "accounts", "*.json") + _files(folder / "accounts", "*.json.gz")
    dumped = [read_account(path) for path in listed]
    if not programs and not dumped:
        raise LocalError("X202", f"{folder} holds neither programs/*.so nor accounts/*.json")
    accounts: dict[Pubkey, AccountImage] = {}
    for image in dumped:
        if image.address in accounts:
            raise LocalError("X203", f"{image.source}: {image.address} is also in {accounts[image.address].source}")
        accounts[image.address] = image
    spec = load_spec()
    executor = next(wallet for wallet in spec.wallets if wallet.name == "executor")
    added = [*mints(spec, rent), *wallet_accounts(executor, rent)]
    for image in added:
        accounts.setdefault(image.address, image)
    for tip in names.TIP_ACCOUNTS:
        key = Pubkey.from_string(tip)
        accounts.setdefault(key, AccountImage(key, rent(0), b"", layouts.SYSTEM, False, "world.json"))
    return World(programs, tuple(sorted(accounts.values(), key=_order)), ())


def read_program(path: Path) -> Program:
    """Program from `<program id>.so`; X204 when the name is no address or the file no ELF."""
    try:
        address = Pubkey.from_string(path.stem)
    except ValueError as err:
        raise LocalError("X204", f"{path}: the file name is not a program id ({err})") from err
    try:
        elf = path.read_bytes()
    except OSError as err:
        raise LocalError("X204", f"{path}: {err.strerror}") from err
    if elf[:4] != b"\x7fELF":
        raise LocalError("X204", f"{path}: not an ELF file")
    return Program(address, elf, str(path))


def read_account(path: Path) -> AccountImage:
    """Account from a dump, plain or gzipped; X203 when anything about it is not as the Solana CLI writes it."""
    try:
        dump = msgspec.json.decode(_read(path), type=_Dump)
        kind = dump.account.data[1]
        text = dump.account.data[0]
        if kind != "base64":
            raise LocalError("X203", f"{path}: data encoding is {kind!r:.40}, expected base64")
        data = encoding.from_base64(text)
        address, owner = Pubkey.from_string(dump.pubkey), Pubkey.from_string(dump.account.owner)
    except (OSError, EOFError, zlib.error, ValueError, RpcError) as err:
        raise LocalError("X203", f"{path}: {err}") from err
    if len(data) > MAX_ACCOUNT_BYTES or not 0 < dump.account.lamports <= _MAX_U64:
        raise LocalError("X203", f"{path}: data over 10 MiB, or lamports out of range")
    return AccountImage(address, dump.account.lamports, data, owner, dump.account.executable, str(path))


def _read(path: Path) -> bytes:
    """File content, at most `_MAX_FILE_BYTES` also after decompression."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        content = file.read(_MAX_FILE_BYTES + 1)
    if len(content) > _MAX_FILE_BYTES:
        raise ValueError(f"larger than {_MAX_FILE_BYTES} bytes")
    return content


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []


def _order(image: AccountImage) -> tuple[bool, bytes]:
    """Programs last: LiteSVM wants a program's data account first."""
    return image.executable, bytes(image.address)
