# Commands of this repository. Start with ./justw, which sets up the environment these run in.
set positional-arguments
set shell := ["bash", "-euo", "pipefail", "-c"]

export VIRTUAL_ENV := justfile_directory() / ".venv"
export PATH := VIRTUAL_ENV / "bin" + ":" + env("PATH")

_help:
    @just --justfile "{{justfile()}}" --list --unsorted

# Two embedded chains, one recipe, profit within seconds; --headless --for 30s --json without a screen
[group('use')]
[no-cd]
[no-exit-message]
demo *args:
    @hoploop demo "$@"

# The command line: ./justw hoploop --help
[group('use')]
[no-cd]
[no-exit-message]
hoploop *args:
    @hoploop "$@"

# Check every recipe of the repository and of its documentation, and the published schema
[group('use')]
[no-exit-message]
validate:
    @hoploop validate recipes README.md docs/recipes/*.md --fragments-in recipes/paper/evm_flash.yaml
    @hoploop schema --check

# Everything CI checks: lint, types, Rust, contracts, then pytest with the given arguments
[group('check')]
test *args: lint types rust contracts
    python -m pytest "$@"

# The same as the CI service runs it
[group('check')]
ci:
    .ci/run

# Millions of quotes and damaged inputs (goes on where it was stopped), published contracts, a million damaged recipes, 1000 edits under load
[group('check')]
[no-exit-message]
deep *families:
    python tests/support/deep.py "$@"
    HOPLOOP_BYTECODE="${HOPLOOP_BYTECODE:-200}" HOPLOOP_FUZZ="${HOPLOOP_FUZZ:-1000000}" HOPLOOP_EDITS="${HOPLOOP_EDITS:-1000}" python -m pytest --timeout=0 -s tests/parity/test_published_*.py tests/property/test_recipe_{fuzz,edits}.py tests/e2e/test_edits_under_load.py

# More examples per property test; minutes to hours
[group('check')]
examples *args:
    HYPOTHESIS_PROFILE=deep HOPLOOP_QUOTES=20000 HOPLOOP_MUTANTS=20000 HOPLOOP_FUZZ=20000 python -m pytest --timeout=0 tests/property tests/parity "$@"

# Bytes made by a fuzzer: venues, evm, loans, frames, transactions; needs nightly Rust and cargo-fuzz
[group('check')]
fuzz target *args:
    mkdir -p hot/fuzz/corpus/{{target}}
    cd hot && cargo +nightly fuzz run --fuzz-dir fuzz {{target}} fuzz/corpus/{{target}} fuzz/seeds/{{target}} -- -max_len=16384 -max_total_time=300 "${@:2}"

# Write the fuzz targets' seeds again
[group('make')]
seeds:
    python tests/support/seeds.py

# The frame decoders under Rust's interpreter; needs nightly's miri
[group('check')]
miri:
    cd hot && PROPTEST_CASES=8 MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test --locked -p hoploop-hot --lib -- ingest:: --skip at_the_same_time

# Style and likely mistakes
[group('check')]
lint:
    ruff check .

# Static types, strict
[group('check')]
types:
    mypy

# The native module's own tests
[group('check')]
rust:
    cd hot && cargo test --locked --workspace --quiet

# Measure, beside the peers that are installed; `just bench quick` takes minutes
[group('check')]
bench *args:
    python bench/run.py "$@"

# Rust style and likely mistakes; needs rustup's clippy and rustfmt
[group('check')]
clippy:
    cd hot && cargo fmt --check
    cd hot && cargo clippy --locked --all-targets --quiet -- -D warnings

# Rebuild both chains' contracts, compare with what is committed, run their tests
[group('check')]
contracts: _npm
    python contracts/solana/build.py --check
    cd contracts/evm && npm run --silent check && npm run --silent test

# Write the contracts' artifacts again
[group('make')]
artifacts: _npm
    python contracts/solana/build.py
    cd contracts/evm && npm run --silent build

_npm:
    @for folder in contracts/evm tests/support/yaml_language_server; do (cd "$folder" && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --silent; }) || exit; done

# Generated references and the README's picture
[group('make')]
docs:
    hoploop schema > schemas/recipe.schema.json && python -m hoploop.cli.document docs
    hoploop console --replay tests/console/recordings/two_chains.jsonl --picture docs/img/console.svg

# The native module, in place
[group('make')]
build:
    rm -f framework/hoploop/hot/_native*.so
    python -m pip install --no-deps --no-build-isolation --quiet -e .

# Sort imports, apply safe fixes, format Rust
[group('make')]
fmt:
    ruff check --fix .
    cd hot && cargo fmt

# Pin every dependency with its hashes, for all platforms
[group('make')]
lock:
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra dev pyproject.toml -o requirements.lock

# Remove what was built; the next ./justw sets up again
[group('make')]
clean:
    rm -rf .venv .hoploop hot/target contracts/evm/node_modules tests/support/yaml_language_server/node_modules build .mypy_cache .ruff_cache .pytest_cache .hypothesis
