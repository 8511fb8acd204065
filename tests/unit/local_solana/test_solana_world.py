"""Worlds: the built-in one is the same everywhere; folders of dumps load or say which file is at fault."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
from pathlib import Path

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from hoploop.errors import LocalError
from hoploop.local.keys import local_seed
from hoploop.local.solana import layouts, names, world
from hoploop.local.solana.boot import boot

SOL = 10**9
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path):
    """A world folder with our AMM as a dumped program and one account."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "accounts").mkdir()
    shutil.copy(world.ARTIFACTS / "amm.so", tmp_path / "programs" / f"{names.address('program/amm')}.so")
    write(tmp_path / "accounts" / "one.json", dump())
    return tmp_path


def dump(**changes):
    account = {
        "lamports": 5 * SOL,
        "data": [base64.b64encode(b"hello").decode(), "base64"],
        "owner": str(layouts.SYSTEM),
    }
    account |= {"executable": False, "rentEpoch": 2**64 - 1, "space": 5}
    top = {"pubkey": str(Pubkey(bytes([5]) * 32)), "account": account | changes.pop("account", {})}
    return top | changes


def write(path, value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def start(folder):
    return boot(str(folder), start_unix_s=1, slot_ms=200)


def failure(folder):
    with pytest.raises(LocalError) as raised:
        start(folder)
    return raised.value


def test_the_committed_world_file_is_what_the_names_give():
    assert world.load_spec() == names.default_spec()


def test_programs_lie_at_the_keys_of_their_names():
    for program in names.default_spec().programs:
        seed = local_seed(f"solana/program/{program.name}")
        assert program.address == str(Keypair.from_seed(seed).pubkey())


@pytest.mark.parametrize("recipe", ["solana_flash", "two_chains"])
def test_the_recipes_name_the_addresses_of_the_world(recipe):
    text = (ROOT / "recipes" / "paper" / f"{recipe}.yaml").read_text()
    spec = names.default_spec()
    wanted = [spec.genesis, spec.lookup_table.address, spec.wallets[0].address]
    wanted += [program.address for program in spec.programs] + [mint.address for mint in spec.mints]
    wanted += [key for pool in spec.pools for key in (pool.address, pool.vault_a, pool.vault_b)]
    wanted += [key for reserve in spec.reserves for key in (reserve.address, reserve.vault)]
    assert [key for key in wanted if key not in text] == []


def test_two_and_three_hop_cycles_exist_and_all_pools_agree_on_prices():
    spec = names.default_spec()
    price = {(p.mint_a, p.mint_b): p.reserve_b * 10**12 // p.reserve_a for p in spec.pools}
    wsol, usdc, jup = (mint.address for mint in spec.mints)
    assert len({p.reserve_b * 10**12 // p.reserve_a for p in spec.pools if (p.mint_a, p.mint_b) == (wsol, usdc)}) == 1
    assert price[wsol, usdc] * 10**12 == price[wsol, jup] * price[jup, usdc]


def test_loads_dumped_programs_and_accounts(folder):
    bank = start(folder).bank
    assert bank.account(names.address("program/amm")).executable
    assert bytes(bank.account(Pubkey(bytes([5]) * 32)).data) == b"hello"


def test_loads_a_gzipped_account(folder):
    write(folder / "accounts" / "two.json.gz", dump(pubkey=str(Pubkey(bytes([6]) * 32))))
    assert bytes(start(folder).bank.account(Pubkey(bytes([6]) * 32)).data) == b"hello"


def test_funds_the_executor_in_a_dumped_world(folder):
    bank = start(folder).bank
    executor = names.default_spec().wallets[0]
    assert bank.account(Pubkey.from_string(executor.address)).lamports == executor.lamports
    assert bank.account(Pubkey.from_string(executor.tokens[0].account)) is not None


def test_a_dumped_account_wins_over_a_forged_one(folder):
    executor = names.default_spec().wallets[0].address
    write(
        folder / "accounts" / "two.json", dump(pubkey=executor, account={"data": ["", "base64"], "lamports": 7 * SOL})
    )
    assert start(folder).bank.account(Pubkey.from_string(executor)).lamports == 7 * SOL


def test_loads_a_program_from_dumps_of_its_two_accounts(folder, make_chain):
    source = make_chain().bank
    program = names.address("program/lend")
    data = Pubkey(bytes(source.account(program).data)[4:])
    for key in (program, data):
        account = source.account(key)
        text = base64.b64encode(bytes(account.data)).decode()
        changes = {"data": [text, "base64"], "owner": str(account.owner), "executable": account.executable}
        write(folder / "accounts" / f"{key}.json", dump(pubkey=str(key), account=changes))
    assert start(folder).bank.account(program).executable


BAD_ACCOUNTS = {
    "no JSON": b"{",
    "nothing": b"",
    "another shape": {"hello": 1},
    "a key that is none": dump(pubkey="0OIl"),
    "an owner that is none": dump(account={"owner": "?"}),
    "data that is not base64": dump(account={"data": ["!!", "base64"]}),
    "data in another encoding": dump(account={"data": ["", "base64+zstd"]}),
    "negative lamports": dump(account={"lamports": -1}),
    "no lamports": dump(account={"lamports": 0}),
    "lamports beyond 64 bits": dump(account={"lamports": 2**64}),
    "lamports as text": dump(account={"lamports": "5"}),
    "a broken sysvar": dump(pubkey="SysvarC1ock11111111111111111111111111111111"),
}


@pytest.mark.parametrize("case", BAD_ACCOUNTS)
@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_a_bad_account_dump_is_named(folder, case, suffix):
    path = folder / "accounts" / f"bad{suffix}"
    write(path, BAD_ACCOUNTS[case])
    error = failure(folder)
    assert error.code == "X203"
    assert str(path) in error.message


@pytest.mark.parametrize("content", [b"plain text", gzip.compress(b"{}" * 900)[:20], b"\x1f\x8b"])
def test_a_broken_gzip_is_named(folder, content):
    path = folder / "accounts" / "bad.json.gz"
    path.write_bytes(content)
    error = failure(folder)
    assert (error.code, str(path) in error.message) == ("X203", True)


def test_a_gzip_that_unpacks_without_end_is_refused(folder):
    (folder / "accounts" / "bomb.json.gz").write_bytes(gzip.compress(bytes(45 * 1024 * 1024), 1))
    assert "larger than" in failure(folder).message


def test_two_dumps_of_one_account_are_named_both(folder):
    write(folder / "accounts" / "two.json", dump())
    error = failure(folder)
    assert error.code == "X203"
    assert "one.json" in error.message
    assert "two.json" in error.message


@pytest.mark.parametrize("content", [b"", b"no elf", b"\x7fELF" + bytes(300)])
def test_a_bad_program_dump_is_named(folder, content):
    path = folder / "programs" / f"{Pubkey(bytes([9]) * 32)}.so"
    path.write_bytes(content)
    error = failure(folder)
    assert (error.code, str(path) in error.message) == ("X204", True)


def test_a_program_file_without_an_id_as_name_is_refused(folder):
    shutil.copy(world.ARTIFACTS / "amm.so", folder / "programs" / "amm.so")
    assert failure(folder).code == "X204"


def test_a_program_at_the_wrong_id_is_found_right_after_loading(folder, solana_build, tmp_path):
    source = tmp_path / "anchor.c"
    source.write_text("unsigned long long entrypoint(unsigned char *in) { (void)in; return 4100; }")
    path = folder / "programs" / f"{Pubkey(bytes([9]) * 32)}.so"
    path.write_bytes(solana_build.compile_program(source))
    error = failure(folder)
    assert (error.code, str(path) in error.message) == ("X205", True)


@pytest.mark.parametrize("place", ["missing", "empty"])
def test_a_folder_without_dumps_is_refused(tmp_path, place):
    (tmp_path / "empty").mkdir()
    assert failure(tmp_path / place).code == "X202"


def test_a_missing_artifact_is_named(tmp_path):
    with pytest.raises(LocalError) as raised:
        world.default_world(lambda size: size, artifacts=tmp_path)
    assert raised.value.code == "X200"
    assert "amm.so" in raised.value.message


def test_a_broken_world_file_is_named(tmp_path):
    path = tmp_path / "world.json"
    path.write_bytes(b"{}")
    with pytest.raises(LocalError) as raised:
        world.load_spec(path)
    assert raised.value.code == "X201"
