"""Secrets planted wherever one may stand are in no output of any recipe command, in no format, and in no log."""

from __future__ import annotations

import io
import json
import logging
import re
import string
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from toy_connectors import GOOD, toy_registry

from hoploop.cli import main
from hoploop.plugin.registry import Registry
from hoploop.recipe.formats import github, junit, sarif
from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import read_source, source_of
from hoploop.runtime.secrets import SecretStore

COMMANDS = [
    ["validate", "top.yaml"], ["validate", "top.yaml", "--format", "concise"],
    ["validate", "top.yaml", "--format", "json"], ["validate", "."],
    ["list", "recipes", "."], ["lock", "top.yaml"],
    ["plan", "top.yaml"], ["plan", "top.yaml", "--format", "json"], ["plan", "top.yaml", "--profile", "p"],
    ["show", "top.yaml"], ["show", "top.yaml", "--origin"], ["show", "top.yaml", "--origin", "--format", "json"],
    ["show", "top.yaml", "chains", "--profile", "p"], ["graph", "top.yaml"], ["graph", "top.yaml", "--format", "dot"],
    ["lint", "top.yaml"], ["fmt", ".", "--diff"], ["migrate", "."],
    ["test", "top.yaml"], ["validate", "top.yaml", "--fix"],
]  # fmt: skip
DAMAGE = [
    ("chain_id: 31337", "chian_id: 31337"), ("mode: paper", "mode: papper"), ("owner:", "owner"),
    ("fee: 30bps", "fee: 30"), ("base: weth", "base: wet"), ("    owner", "   owner"),
    ("recipe: toy", "recipe: !t toy"), ("risk:", "risk: &a *a"), ("connector: toy_evm", "connector: toy_evn"),
    ("decimals: 18", "decimals: 99"),
    ("lenders: [bank]", "lenders: [bnak]"), ("recipe: toy", "recipe: toy\nrecipe: toy"),
    ("recipe: toy", "recipe: toy\nuse: nothing"), ("", ""), ("", ""),
]  # fmt: skip
_WORDS = st.text(string.ascii_letters + string.digits, min_size=20, max_size=40).map(lambda text: f"zq{text}")
_HEX = st.text("0123456789abcdef", min_size=64, max_size=64).filter(lambda text: not text.isdigit())


class Planted(NamedTuple):
    """A recipe folder with a secret in it."""

    secret: str
    files: dict[str, str]
    environ: dict[str, str]


def _fields(text: str) -> list[str]:
    return re.findall(r"(?<=[a-z_]: )[^\s{}\[\],][^{}\[\],\n]*", text)


@st.composite
def planted(draw: st.DrawFn) -> Planted:
    """One secret at one place that can hold one, in a recipe, a file it includes, a variable or a profile."""
    place = draw(st.sampled_from(["environment", "secret field", "variable", "url", "material", "key", "backend"]))
    secret, text, environ, head = draw(_WORDS), GOOD, {"TOKEN": "x"}, ""
    quote = draw(st.sampled_from(["", '"', "'"]))
    key = draw(st.sampled_from(["${secret:embedded/evm_executor}", '"${secret:embedded/relay_identity}"']))
    if place == "environment":
        environ["TOKEN"] = secret
        shape = draw(st.sampled_from(["${env:TOKEN}", "x${env:TOKEN}y", "https://h/${env:TOKEN}/v2"]))
        # An address from the environment is public: a plan has to show it.
        fields = [field for field in sorted(set(_fields(text))) if not field.startswith('"0x')]
        text = text.replace(f": {draw(st.sampled_from(fields))}", f': "{shape}"', 1)
    elif place == "secret field":
        text = text.replace(key, f"{quote}{secret}{quote}")
    elif place == "variable":
        text, head = text.replace(key, '"${var:signer}"'), f"vars:\n  signer: {quote}{secret}{quote}\n"
    elif place == "url":
        url = (
            draw(st.sampled_from(["https://me:%s@h/x", "https://h/v2/%s", "wss://h/?api-key=%s", "https://h/%s/y?z=1"]))
            % secret
        )
        where = draw(st.sampled_from(["endpoint: embedded", "url: embedded"]))
        text = text.replace(where, f'{where.split(":")[0]}: "{url}"').replace(
            "    embedded: {seed: 7, block_time: 500ms}\n", ""
        )
    elif place == "material":
        secret = draw(st.sampled_from(["", "0x"])) + draw(_HEX)
        text = text.replace(draw(st.sampled_from(sorted(set(_fields(text))))), f"{quote}{secret}{quote}", 1)
    elif place == "key":
        secret = draw(_HEX)
        text = text.replace(draw(st.sampled_from(["    owner:", "  daily_loss:", "mode:"])), f"    {secret}:", 1)
    else:
        environ["TOKEN"] = secret
        text = text.replace(key, "${secret:env/TOKEN}")
    for before, after in draw(st.lists(st.sampled_from(DAMAGE), max_size=2)):
        text = text.replace(before, after, 1)
    profile = '\nprofiles:\n  p:\n    risk: {daily_loss: {weth: "0.5 WETH"}}\n'
    if draw(st.booleans()):
        files = {"top.yaml": f"include: [base.yaml]\nrecipe: top\n{profile}", "base.yaml": head + text}
    else:
        files = {"top.yaml": head + text + profile}
    return Planted(secret, files, environ)


def _outputs(folder: Path, found: Planted, patch: pytest.MonkeyPatch) -> Iterator[str]:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    for command in COMMANDS:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            main.run(command)
        yield f"$ {' '.join(command)}\n{out.getvalue()}{err.getvalue()}"
    logging.getLogger().removeHandler(handler)
    yield log.getvalue()
    inspected = Pipeline(toy_registry(), found.environ).inspect_all(read_source(folder / "top.yaml", "top.yaml"))
    reports = {inspected.file: inspected.report}
    yield from (github(reports), json.dumps(sarif(reports)), junit(reports), repr(inspected.report))


@settings(phases=[Phase.generate], max_examples=max(20, settings.default.max_examples // 3))
@given(planted())
def test_a_planted_secret_is_in_no_output(found: Planted) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setattr(Registry, "installed", classmethod(lambda cls: toy_registry()))
        patch.chdir(folder)
        patch.setenv("HOPLOOP_STATE_DIR", str(folder / "state"))
        for key, value in found.environ.items():
            patch.setenv(key, value)
        for file, text in found.files.items():
            (folder / file).write_text(text, "utf-8")
        bare = found.secret.removeprefix("0x")
        for output in _outputs(folder, found, patch):
            assert bare not in output, output[:2000]
        left = [path for path in folder.rglob("*") if path.is_file() and path.name not in found.files]
        assert not any(bare.encode() in path.read_bytes() for path in left)


def test_no_reviewed_text_holds_a_key_of_the_embedded_chains() -> None:
    """Plans, dry runs and findings are kept as snapshots; the keys that signed them are not in there."""
    store = SecretStore(embedded=True)
    keys = [store.resolve(f"embedded/{name}") for name in ("evm_executor", "relay_identity", "solana_executor")]
    kept = Path(__file__).parents[1].rglob("*.ambr")
    texts = [path.read_text("utf-8").lower() for path in kept]
    assert texts
    assert not any(key.hex() in text for key in keys for text in texts)


@pytest.mark.parametrize(
    "key", ['key: "${var:signer}"', '{id: a, key: "${var:signer}", url: embedded}', 'key:\n      "${var:signer}"']
)
def test_a_variable_behind_a_secret_key_is_masked_before_anything_is_understood(key: str) -> None:
    text = f"vars:\n  signer: zq-hunter2\nrecipe: !t toy\nroutes:\n  - {key}\n"
    found = Pipeline(toy_registry(), {}).inspect(source_of(text.encode(), "r.yaml"))
    assert found.report.errors
    assert "hunter2" not in found.snippets.line("r.yaml", 2)
