"""The recipe language: one module a section, Structs that are also the schema."""
