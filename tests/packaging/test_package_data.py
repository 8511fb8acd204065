"""Whatever lies in the framework's packages beside code is installed with them."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATTERNS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]["*"]


def _data() -> list[Path]:
    """Files of packages that are no modules; those under `__pycache__` and build leavings are none of ours."""
    inside = (ROOT / "framework" / "hoploop").rglob("*")
    return [path for path in inside if path.is_file() and path.suffix not in (".py", ".pyc")]


def test_every_data_file_matches_a_pattern() -> None:
    left = [path.name for path in _data() if not any(fnmatch(path.name, pattern) for pattern in PATTERNS)]
    assert left == []


def test_every_folder_with_data_is_a_package() -> None:
    assert [path for path in _data() if not (path.parent / "__init__.py").is_file()] == []


def test_what_init_and_create_write_is_there() -> None:
    suffixes = {path.suffix for path in _data()}
    assert {".yaml", ".zst", ".tmpl"} <= suffixes
