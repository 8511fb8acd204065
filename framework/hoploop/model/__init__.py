"""Plain values that every layer shares; imports nothing of ours."""
