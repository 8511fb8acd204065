"""Exact-integer Python twins of the native curves: slow, plain, and the judge in parity tests."""

from __future__ import annotations

from hoploop.hot.reference import concentrated, constant_product, constant_product_fee_first
from hoploop.hot.reference.venues import VENUES, read

__all__ = ["VENUES", "concentrated", "constant_product", "constant_product_fee_first", "read"]
