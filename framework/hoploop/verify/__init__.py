"""Compares what Hoploop computes with what the real programs did, file by file."""
