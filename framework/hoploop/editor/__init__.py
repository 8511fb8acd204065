"""The language service for editors: what `hoploop lsp` answers while a recipe is written."""
