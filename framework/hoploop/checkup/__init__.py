"""Compares a plan with the chains it names, without sending anything."""
