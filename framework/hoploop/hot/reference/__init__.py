"""Exact-integer Python twins of the native curves: slow, plain, and the judge in parity tests."""

from __future__ import annotations

from hoploop.hot.reference import concentrated, constant_product, constant_product_fee_first

__all__ = ["concentrated", "constant_product", "constant_product_fee_first"]
