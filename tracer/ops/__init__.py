"""The tables of operations, one module a family."""
