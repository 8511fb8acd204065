"""The only importer of the native hot module; `Market` and friends come from here."""

from __future__ import annotations

from hoploop.errors import LocalError

try:
    from hoploop.hot import _native
except ModuleNotFoundError as error:
    if error.name != "hoploop.hot._native":
        raise
    raise LocalError("X301", "the native hot module is not built for this Python") from error

Batch = _native.Batch
Candidate = _native.Candidate
EvmSigner = _native.EvmSigner
EvmTemplate = _native.EvmTemplate
EvmTemplates = _native.EvmTemplates
FlashLoan = _native.FlashLoan
HotError = _native.HotError
Ingest = _native.Ingest
Market = _native.Market
Reader = _native.Reader
SolanaSigner = _native.SolanaSigner
SolanaTemplate = _native.SolanaTemplate
SolanaTemplates = _native.SolanaTemplates
VenueState = _native.VenueState
WriteOrder = _native.WriteOrder
version = _native.version

__all__ = [
    "Batch",
    "Candidate",
    "EvmSigner",
    "EvmTemplate",
    "EvmTemplates",
    "FlashLoan",
    "HotError",
    "Ingest",
    "Market",
    "Reader",
    "SolanaSigner",
    "SolanaTemplate",
    "SolanaTemplates",
    "VenueState",
    "WriteOrder",
    "version",
]
