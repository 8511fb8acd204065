"""Secrets come from their backend or fail without showing themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hoploop.errors import SignerUnavailable
from hoploop.runtime.secrets import SecretStore

KEY = "11" * 32


@pytest.fixture
def store() -> SecretStore:
    return SecretStore(embedded=False)


def test_an_environment_secret_is_read(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOT_KEY", "0x" + KEY)
    assert store.resolve("env/HOT_KEY") == bytes.fromhex(KEY)


def test_a_private_file_is_read(store: SecretStore, tmp_path: Path) -> None:
    file = tmp_path / "id.json"
    file.write_text(str([17] * 64))
    file.chmod(0o600)
    assert store.resolve(f"file/{file}") == bytes([17]) * 64


def test_a_file_others_can_read_is_refused(store: SecretStore, tmp_path: Path) -> None:
    file = tmp_path / "id"
    file.write_text(KEY)
    file.chmod(0o644)
    with pytest.raises(SignerUnavailable, match="others can read"):
        store.resolve(f"file/{file}")


@pytest.mark.parametrize(
    "reference", ["env/NOT_SET_ANYWHERE", "file/absent", "vault/x", "nonsense", "embedded/evm_executor"]
)
def test_what_cannot_be_resolved_is_an_error_with_a_code(store: SecretStore, reference: str) -> None:
    with pytest.raises(SignerUnavailable) as refusal:
        store.resolve(reference)
    assert refusal.value.code == "G301"


@pytest.mark.parametrize("value", ["hunter2", "0x12", "[1,2,3]", "[" + "300," * 31 + "300]"])
def test_a_malformed_value_never_shows_itself(store: SecretStore, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HOT_KEY", value)
    with pytest.raises(SignerUnavailable) as refusal:
        store.resolve("env/HOT_KEY")
    assert value not in str(refusal.value) + repr(refusal.value) + refusal.value.hint


def test_embedded_keys_exist_only_for_embedded_chains() -> None:
    assert len(SecretStore(embedded=True).resolve("embedded/solana_executor")) == 32
    with pytest.raises(SignerUnavailable):
        SecretStore(embedded=True).resolve("embedded/other")


def test_a_url_with_a_key_comes_from_its_secret(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPC", " wss://node.example/v2/hunter2 \n")
    assert store.text("${secret:env/RPC}") == "wss://node.example/v2/hunter2"
    assert store.text("wss://node.example") == "wss://node.example"


@pytest.mark.parametrize("value", ["hunter2", "hunter2://x", "wss://hunter2 x", "wss://" + "hunter2" * 400, ""])
def test_what_is_no_url_is_refused_and_not_shown(
    store: SecretStore, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RPC", value)
    with pytest.raises(SignerUnavailable, match="neither a URL") as refused:
        store.text("${secret:env/RPC}")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("reference", ["env/NOT_SET_ANYWHERE", "file/nowhere", "embedded/evm_executor"])
def test_a_url_that_cannot_be_had_names_its_reference(store: SecretStore, reference: str) -> None:
    with pytest.raises(SignerUnavailable, match=reference):
        store.text(f"${{secret:{reference}}}")


@pytest.mark.parametrize("url", ["http://node.example/k", "ws://10.0.0.1:8546"])
def test_mode_live_does_not_talk_in_the_clear_to_another_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE", url)
    with pytest.raises(SignerUnavailable, match=r"env/NODE: (http|ws):// to another machine\Z") as refused:
        SecretStore(embedded=False, live=True).text("${secret:env/NODE}")
    assert refused.value.code == "G304"
    assert SecretStore(embedded=False).text("${secret:env/NODE}") == url


@pytest.mark.parametrize("url", ["http://127.0.0.1:8545", "ws://[::1]:1", "wss://node.example/k", "ipc:/run/geth.ipc"])
def test_mode_live_talks_in_secret_or_to_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE", url)
    assert SecretStore(embedded=False, live=True).text("${secret:env/NODE}") == url
