"""Damages recipes in ways people and attackers do: bytes, lines, words, blocks of other recipes, bombs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

RECIPES = Path(__file__).parents[1] / "recipes"
# ruff format would put every word on a line of its own.
_WORDS = [
    "*a", "&a ", "<<: *a", "<<: [*a, *a]", "!!python/object:x ", "%YAML 1.1", "---", "...", "? ", ": ", "- ", "# ", "|",
    ">-", "{", "}", "[", "]", "'", '"', "\t", "\0", "\ufeff", "\u2028", "\x85", "~", "null", "yes", "0x10", "017",
    "1e400", "99999999999999999999", "-1", ".nan", "2024-01-01", "${", "${env:X}", "${env:TOY_VALUE}", "${var:a}",
    "${var:b}", "${secret:env/K}", "${secret:vault/K}", "$${var:a}", "1.5 WETH", "30bps", "30", "use: pairs",
    "use: [a, b]", "include: [parts/toy.yaml]", "include: [top.yaml]", "profiles: {p: {mode: live}}",
    "defaults: {venues: {chain: eth}}",
    "vars: {a: '${var:b}', b: '${var:a}'}", "templates: {pairs: {use: pairs}}", "id: left", "connector: toy_pairs",
    "name: one", "enabled: false", "mode: live", "9" * 400, "x" * 5000, "[" * 70, "{a: " * 70, "- " * 70,
]  # fmt: skip


def corpus() -> dict[str, bytes]:
    """Every recipe of the corpora by its path below `tests/recipes`."""
    found = sorted(path for kind in ("good", "bad") for path in (RECIPES / kind).rglob("*.yaml"))
    return {path.relative_to(RECIPES).as_posix(): path.read_bytes() for path in found}


class Mutator:
    """Makes damaged recipes; the same seed makes the same ones."""

    def __init__(self, seed: int, texts: Sequence[bytes]) -> None:
        self._random = Random(seed)
        self._texts = texts

    def recipe(self) -> bytes:
        """One damaged recipe, or a bomb."""
        random = self._random
        if random.random() < 0.02:
            return random.choice(BOMBS)(random.choice((3, 8, 9, 30, 300, 2000))).encode()
        text = random.choice(self._texts)
        for _ in range(random.choice((1, 1, 1, 2, 2, 3, 6, 12))):
            text = random.choice((self._bytes, self._lines, self._words, self._words, self._block, self._indent))(text)
        return text

    def _bytes(self, text: bytes) -> bytes:
        random = self._random
        at = random.randrange(len(text) + 1)
        until = min(len(text), at + random.choice((0, 1, 1, 2, 8, 64)))
        new = random.choice((b"", bytes([random.randrange(256)]), text[at:until] * 2, random.randbytes(4)))
        return text[:at] + new + text[until:]

    def _lines(self, text: bytes) -> bytes:
        random, lines = self._random, text.split(b"\n")
        one, other = random.randrange(len(lines)), random.randrange(len(lines))
        act = random.randrange(4)
        if act == 0:
            del lines[one]
        elif act == 1:
            lines.insert(other, lines[one])
        elif act == 2:
            lines[one], lines[other] = lines[other], lines[one]
        else:
            lines[min(one, other) : max(one, other)] = []
        return b"\n".join(lines)

    def _words(self, text: bytes) -> bytes:
        random = self._random
        words = text.split(b" ")
        at = random.randrange(len(words))
        theirs = random.choice(random.choice(self._texts).split() or [b""])
        new = random.choice((random.choice(_WORDS).encode(), theirs))
        words[at : at + random.randrange(2)] = [new]
        return b" ".join(words)

    def _block(self, text: bytes) -> bytes:
        """Lines of another recipe at a random place, at a random depth."""
        random = self._random
        lines, other = text.split(b"\n"), random.choice(self._texts).split(b"\n")
        start = random.randrange(len(other))
        pad = b" " * random.choice((0, 0, 2, 4))
        block = [pad + line for line in other[start : start + random.randrange(1, 12)]]
        at = random.randrange(len(lines) + 1)
        return b"\n".join([*lines[:at], *block, *lines[at:]])

    def _indent(self, text: bytes) -> bytes:
        random, lines = self._random, text.split(b"\n")
        at = random.randrange(len(lines))
        lines[at] = random.choice((b" " + lines[at], b"  " + lines[at], lines[at].lstrip(), lines[at][1:]))
        return b"\n".join(lines)


def _aliases(size: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, min(size, 40))]
    return "\n".join(lines)


def _variables(size: int) -> str:
    lines = [f"  v{n}: [{', '.join([f'${{var:v{n + 1}}}' for _ in range(9)])}]" for n in range(size)]
    quoted = "\n".join(lines).replace("${", '"${').replace("}", '}"')
    return f"vars:\n{quoted}\n  v{size}: x\nrecipe: ${{var:v0}}\n"


def _text_variables(size: int) -> str:
    lines = [f'  v{n}: "${{var:v{n + 1}}}${{var:v{n + 1}}}"' for n in range(size)]
    return "vars:\n" + "\n".join(lines) + f"\n  v{size}: x\nrecipe: ${{var:v0}}\n"


def _circle(size: int) -> str:
    return "vars:\n" + "".join(f"  v{n}: ${{var:v{(n + 1) % size}}}\n" for n in range(size)) + "recipe: ${var:v0}\n"


def _merges(size: int) -> str:
    keys = ", ".join(f"k{n}: {n}" for n in range(size))
    return f"a: &a {{{keys}}}\nvenues:\n" + "  - <<: *a\n" * size


def _templates(size: int) -> str:
    keys = ", ".join(f"k{n}: {n}" for n in range(size))
    return f"templates:\n  t: {{{keys}}}\nvenues:\n" + "".join(f"  - {{id: i{n}, use: t}}\n" for n in range(size))


def _idle_templates(size: int) -> str:
    keys = "".join(f"  t{n}: {{cooldown: 1s}}\n" for n in range(size))
    return f"include: [parts/toy.yaml]\nrecipe: top\ntemplates:\n{keys}"


def _template_chain(size: int) -> str:
    chain = "".join(f"  t{n}: {{use: [t{n + 1}, t{n + 1}]}}\n" for n in range(size))
    return f"templates:\n{chain}  t{size}: {{}}\nvenues:\n  - {{id: a, use: t0}}\n"


def _defaults(size: int) -> str:
    keys = ", ".join(f"k{n}: {n}" for n in range(size))
    return f"defaults: {{venues: {{{keys}}}}}\nvenues:\n" + "".join(f"  - {{id: i{n}}}\n" for n in range(size))


def _unknown_keys(size: int) -> str:
    return "recipe: x\n" + "".join(f"{'key' * 20}{n}: {n}\n" for n in range(size))


def _profiles(size: int) -> str:
    return "recipe: x\nmode: dry\nprofiles:\n" + "".join(f"  p{n}: {{mode: live}}\n" for n in range(size))


def _long_key(size: int) -> str:
    return f'"{"k" * size * 100}": 1\n"{"k" * size * 100}": 2\n'


def _long_text(size: int) -> str:
    return f"recipe: {'a1-' * size * 50}\nmode: {'paper' * size * 50}\n"


BOMBS: tuple[Callable[[int], str], ...] = (
    _aliases, _variables, _text_variables, _circle, _merges, _templates, _idle_templates, _template_chain, _defaults,
    _unknown_keys, _profiles, _long_key, _long_text,
    lambda size: "[" * size * 100, lambda size: "{a: " * size * 100, lambda size: "- " * size * 100,
    lambda size: "? " * size * 10, lambda size: "a: &a [*a]\n" * size, lambda size: "${" * size * 100,
    lambda size: "recipe: '" + "${env:X}" * size * 10 + "'", lambda size: "\n" * size * 100 + "a",
    lambda size: "key: |\n" + "  x\n" * size * 10, lambda size: "'" * size * 99, lambda size: "# x\n" * size * 10,
    lambda size: "include: [" + "parts/toy.yaml, " * size + "]", lambda size: "a" + ":" * size * 99,
)  # fmt: skip
