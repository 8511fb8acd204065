"""Hoploop ledger."""
