"""Recipe folders of toy connectors with one secret planted wherever one may stand; most are damaged elsewhere too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st
from planted import KEYS, WORDS, keyed, put, scalars, written
from toy_connectors import GOOD

BASE = (
    GOOD.replace("recipe: toy\nmode: paper\n", "")
    .replace('size: {max_notional: "50 WETH"}', 'size: {max_notional: "${var:most}"}\n    universes: [kept]')
    .replace("    connector: toy_pairs\n    chain: eth\n    fee: 30bps\n", "    use: pairs\n", 1)
)
TOP = """\
# What a bot of ours trades.
recipe: toy
mode: paper

vars:
  most: "50 WETH"
  other: [1, "${var:most}"]

templates:
  pairs: {connector: toy_pairs, fee: 30bps}

defaults:
  venues: {chain: eth}

universes:
  - {id: kept, chain: eth, files: [{path: listed.txt, max_age: 36500d, holds: pools}]}

tests:
  - name: a cycle is taken
    market: toy.market.json
    expect: [{strategy: cycles, decision: attempt, shape: left, net: "0.1 WETH"}]

profiles:
  p:
    risk: {daily_loss: {weth: "0.5 WETH"}}
    venues: [{id: right, fee: 0.1%}]
"""
LISTED = "# one a line\nleft\nright/two # the dear one\n"
DAMAGE = [
    ("chain_id: 31337", "chian_id: 31337"), ("mode: paper", "mode: papper"), ("owner:", "owner"),
    ("fee: 30bps", "fee: 30"), ("base: weth", "base: wet"), ("    owner", "   owner"), ("use: pairs", "use: pair"),
    ("recipe: toy", "recipe: !t toy"), ("risk:", "risk: &a *a"), ("connector: toy_evm", "connector: toy_evn"),
    ("decimals: 18", "decimals: 99"), ("${var:most}", "${var:mots}"), ("right/two", "right/three"),
    ("lenders: [bank]", "lenders: [bnak]"), ("recipe: toy", "recipe: toy\nrecipe: toy"), ("vars:\n", "vars: 1\n"),
    ("recipe: toy", "recipe: toy\nuse: nothing"), ("daily_loss", "daily_los"), ("market:", "markt:"),
]  # fmt: skip
KEY = '${secret:embedded/evm_executor}'
RELAY = '"${secret:embedded/relay_identity}"'
URLS = ("https://me:%s@h/x", "https://h/v2/%s", "wss://h/?api-key=%s", "https://h/%s/y?z=1", "https://%s@h/")


class Planted(NamedTuple):
    """A recipe folder with a secret in it."""

    secrets: tuple[str | bytes, ...]
    files: dict[str, str]
    environ: dict[str, str]
    public: bool = False
    """Whether what stands there is meant to be seen in a plan: names and addresses may come from the environment."""


Sown = tuple[tuple[str | bytes, ...], bool]
Texts = dict[str, str]


def _material(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """A private key in place of any value or key."""
    raw = draw(KEYS)
    name = draw(st.sampled_from(["top.yaml", "base.yaml"]))
    scalar = draw(st.sampled_from(scalars(texts[name])))
    value = keyed(raw, draw)
    if value[0] != "[":
        around = st.sampled_from(["%s", "%s", "%s", "x-%s", "a %s b", "https://h/%s", "${var:most}%s", "%s.txt"])
        value = draw(around) % value
    texts[name] = put(texts[name], scalar, written(value, scalar, draw))
    return (raw,), False


def _comment(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """A private key that was only commented out."""
    raw = draw(KEYS)
    name = draw(st.sampled_from(sorted(texts)))
    lines = texts[name].split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    lines[at] += f"  # was {keyed(raw, draw)}"
    texts[name] = "\n".join(lines)
    return (raw,), False


def _clear(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """A word in a field for secrets, directly or by way of variable, default, template or profile."""
    secret = draw(WORDS)
    quote = draw(st.sampled_from(["", '"', "'"]))
    value = f"{quote}{secret}{quote}"
    which = draw(st.sampled_from([KEY, RELAY]))
    way = draw(st.sampled_from(["field", "block", "vars", "vars of vars", "defaults", "templates", "profiles"]))
    section, item = ("chains", "eth") if which is KEY else ("routes", "private")
    taken = texts["base.yaml"].replace(f", key: {RELAY}", "").replace(f"    key: {KEY}\n", "")
    if way == "field":
        texts["base.yaml"] = texts["base.yaml"].replace(which, value)
    elif way == "block":
        texts["base.yaml"] = texts["base.yaml"].replace(KEY, f"|\n      {secret}")
    elif way.startswith("vars"):
        texts["base.yaml"] = texts["base.yaml"].replace(which, '"${var:signer}"')
        own = f"signer: {value}" if way == "vars" else f'signer: "${{var:deep}}"\n  deep: {value}'
        texts["top.yaml"] = texts["top.yaml"].replace("vars:\n", f"vars:\n  {own}\n")
    elif way == "profiles":
        texts["top.yaml"] += f"    {section}: [{{id: {item}, key: {value}}}]\n"
    elif way == "defaults":
        texts["base.yaml"] = taken
        texts["top.yaml"] = texts["top.yaml"].replace("defaults:\n", f"defaults:\n  {section}: {{key: {value}}}\n")
    else:
        used = "\n    use: held" if which is KEY else ", use: held"
        texts["base.yaml"] = taken.replace(f"id: {item}", f"id: {item}{used}")
        texts["top.yaml"] = texts["top.yaml"].replace("templates:\n", f"templates:\n  held: {{key: {value}}}\n")
    return (secret,), False


def _environment(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """A word of the environment, in any value."""
    secret = environ["TOKEN"] = draw(WORDS)
    name = draw(st.sampled_from(["top.yaml", "base.yaml"]))
    # Its name says where a recipe's engine and its state are: that is meant to be seen.
    scalar = draw(st.sampled_from([one for one in scalars(texts[name]) if not one.key and one.text != "toy"]))
    shape = draw(st.sampled_from(["${env:TOKEN}", "x${env:TOKEN}y", "https://h/${env:TOKEN}/v2", "${env:TOKEN} WETH"]))
    texts[name] = put(texts[name], scalar, f'"{shape}"')
    return (secret,), True


def _key_of_the_environment(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """A private key of the environment, in any value."""
    raw = draw(KEYS)
    environ["TOKEN"] = keyed(raw, draw)
    name = draw(st.sampled_from(["top.yaml", "base.yaml"]))
    scalar = draw(st.sampled_from([one for one in scalars(texts[name]) if not one.key]))
    shape = draw(st.sampled_from(["${env:TOKEN}", "x${env:TOKEN}y", "https://h/${env:TOKEN}/v2"]))
    texts[name] = put(texts[name], scalar, f'"{shape}"')
    return (raw,), False


def _backend(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """What a reference leads to: not a key, a key of somebody else, or the file of one."""
    raw, word = draw(KEYS), draw(WORDS)
    reference = draw(st.sampled_from(["env/TOKEN", "file/key.txt"]))
    environ["TOKEN"] = texts["key.txt"] = draw(st.sampled_from([word, keyed(raw, draw), f"0x{raw.hex()}"]))
    which = draw(st.sampled_from([KEY, RELAY]))
    texts["base.yaml"] = texts["base.yaml"].replace(which, f'"${{secret:{reference}}}"')
    return (raw, word), False


def _url(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """An endpoint with a key in it, typed or behind a reference."""
    secret = draw(WORDS)
    url = draw(st.sampled_from(URLS)) % secret
    where = draw(st.sampled_from(["endpoint: embedded", "url: embedded"]))
    if draw(st.booleans()):
        environ["TOKEN"], url = url, draw(st.sampled_from(["${env:TOKEN}", "${secret:env/TOKEN}"]))
    base = texts["base.yaml"].replace(where, f'{where.split(":")[0]}: "{url}"')
    texts["base.yaml"] = base.replace("    embedded: {seed: 7, block_time: 500ms}\n", "")
    return (secret,), False


def _beside(texts: Texts, environ: Texts, draw: st.DrawFn) -> Sown:
    """A private key in a file beside the recipe, or as the name of one."""
    raw = draw(KEYS)
    text = keyed(raw, draw)
    what = draw(st.sampled_from(["market", "lock", "dry run", "list", "page", "fixture's name"]))
    if what == "list":
        texts["listed.txt"] = texts["listed.txt"].replace(draw(st.sampled_from(["left", "right", "two"])), text)
    elif what == "fixture's name":
        texts[f"{raw.hex()}.json"] = draw(st.sampled_from(["{}", MARKET]))
        texts["top.yaml"] = texts["top.yaml"].replace("toy.market.json", f"{raw.hex()}.json")
    elif what == "page":
        texts["README.md"] = f"```yaml\nrecipe: {json.dumps(text)}\n```\n"
    else:
        name = {"market": "toy.market.json", "lock": "top.lock.json", "dry run": "top.dry-run.txt"}[what]
        shapes = ["%s", '{"recipe": "%s", "chains": {}}', '{"lock": "%s"}', LOCK, MARKET.replace("bad", "%s")]
        texts[name] = draw(st.sampled_from(shapes)) % (text,)
    return (raw,), False


MARKET = '{"recipe": "toy", "chains": {"eth": {"answers": [{"method": "bad", "params": 1, "times": 1}]}}}'
LOCK = (
    '{"lock": 1, "recipe": "%s", "hoploop": "1", "language": 1, "files": {"a": "b"}, "connectors": {}, "plans": {}}'
)
PLACES: dict[str, Callable[[Texts, Texts, st.DrawFn], Sown]] = {
    "material": _material, "comment": _comment, "clear": _clear, "environment": _environment,
    "key of the environment": _key_of_the_environment, "backend": _backend, "url": _url, "beside": _beside,
}  # fmt: skip


@st.composite
def planted(draw: st.DrawFn) -> Planted:
    """One secret at one place that can hold one: in a recipe, in what it includes, in what lies beside it."""
    place = draw(st.sampled_from(list(PLACES)))
    texts = {"top.yaml": TOP, "base.yaml": BASE, "listed.txt": LISTED}
    environ = {"TOKEN": "x"}
    secrets, public = PLACES[place](texts, environ, draw)
    for before, after in draw(st.lists(st.sampled_from(DAMAGE), max_size=2)):
        texts = {name: text.replace(before, after, 1) for name, text in texts.items()}
    if draw(st.booleans()):
        texts["top.yaml"] = f"include: [base.yaml]\n{texts['top.yaml']}"
    else:
        texts["top.yaml"] += "\n" + texts.pop("base.yaml")
    return Planted(secrets, texts, environ, public)
