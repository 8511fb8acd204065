"""The lock of a recipe: what it was made of when somebody reviewed it, so that nothing changes unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from hoploop import __version__
from hoploop.errors import RecipeError
from hoploop.recipe.language.head import LANGUAGE
from hoploop.recipe.masking import hide_key_material
from hoploop.recipe.plan import ChainPlan, ItemPlan, Plan
from hoploop.recipe.reading import read_bounded
from hoploop.recipe.schema import Schemas
from hoploop.recipe.sections import SECTIONS
from hoploop.recipe.writing import write_whole

MAX_BYTES = 1 << 20
_NO_PROFILE = "(none)"


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file `<recipe>.lock.json`. Digests are SHA-256, hex."""

    lock: int = 1
    recipe: str
    hoploop: str
    language: int
    files: Mapping[str, str]
    """The recipe and what it includes, relative to its folder -> digest of the bytes."""
    connectors: Mapping[str, str]
    """`section.key` of every connector in use -> digest of its schema."""
    plans: Mapping[str, str]
    """Profile -> fingerprint of the plan."""


def lock_path(recipe: Path) -> Path:
    """Where the lock of a recipe is kept: beside it."""
    return recipe.with_suffix(".lock.json")


def lock_of(files: Mapping[str, bytes], plans: Mapping[str | None, Plan], schemas: Schemas) -> Lock:
    """The lock of a recipe as it is now; `plans` by profile, with the one without a profile."""
    plan = plans[None]
    used = {(section, item.connector) for one in plans.values() for section, item in _items(one)}
    return Lock(
        recipe=plan.recipe,
        hoploop=__version__,
        language=LANGUAGE,
        files={name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(files.items())},
        connectors={f"{section}.{key}": _digest(schemas.items[section, key]) for section, key in sorted(used)},
        plans={profile or _NO_PROFILE: one.fingerprint for profile, one in plans.items()},
    )


def differences(held: Lock, now: Lock) -> Iterator[str]:
    """In words, what is not as it was locked; names are masked where they look like keys."""
    yield from map(hide_key_material, _differences(held, now))


def _differences(held: Lock, now: Lock) -> Iterator[str]:
    for name, old, new in (
        ("recipe", held.recipe, now.recipe),
        ("hoploop", held.hoploop, now.hoploop),
        ("language", held.language, now.language),
    ):
        if old != new:
            yield f"{name}: locked {old}, now {new}"
    for what, before, after in (
        ("file", held.files, now.files),
        ("connector", held.connectors, now.connectors),
        ("plan", held.plans, now.plans),
    ):
        yield from (f"{what} {name}: is new" for name in after if name not in before)
        yield from (f"{what} {name}: is gone" for name in before if name not in after)
        yield from (f"{what} {name}: changed" for name in after if name in before and before[name] != after[name])


def write_lock(path: Path, lock: Lock) -> None:
    """Sorted and indented, so that a change can be reviewed."""
    write_whole(path, json.dumps(msgspec.to_builtins(lock), indent=2, sort_keys=True) + "\n")


def read_lock(path: Path) -> Lock:
    """RecipeError R412 when there is none or it is not a lock."""
    raw = read_bounded(path, MAX_BYTES, "R412")
    try:
        if len(raw) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES >> 20} MiB")
        return msgspec.json.decode(raw, type=Lock)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise RecipeError("R412", f"{path}: {error}") from None


def _items(plan: Plan) -> Iterator[tuple[str, ItemPlan | ChainPlan]]:
    for section in SECTIONS:
        yield from ((section, item) for item in getattr(plan, section))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
