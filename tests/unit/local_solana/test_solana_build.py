"""The committed program artifacts are what the committed sources give."""

from __future__ import annotations

import json

import pytest


def test_a_fresh_build_gives_the_committed_artifacts(solana_build):
    assert solana_build.check() == []


def test_the_manifest_names_the_sources_it_was_built_from(solana_build):
    manifest = json.loads((solana_build.HERE / "build" / "build.json").read_text())
    assert manifest["source_sha256"] == solana_build.source_hash()


def test_a_program_with_constant_data_is_refused_by_the_linker(solana_build, tmp_path):
    source = tmp_path / "data.c"
    source.write_text(
        'extern void sol_log_(const char *, unsigned long);\nint entrypoint(void) { sol_log_("no", 2); return 0; }'
    )
    with pytest.raises(solana_build.link.__globals__["LinkError"], match=r"rodata|relocation"):
        solana_build.compile_program(source)


def test_a_program_without_entry_point_is_refused_by_the_linker(solana_build, tmp_path):
    source = tmp_path / "none.c"
    source.write_text("int other(void) { return 0; }")
    with pytest.raises(solana_build.link.__globals__["LinkError"], match="entrypoint"):
        solana_build.compile_program(source)


def test_something_else_than_an_object_is_refused_by_the_linker(solana_build):
    with pytest.raises(solana_build.link.__globals__["LinkError"], match="BPF object"):
        solana_build.link(b"not an object file at all, but long enough to look")
