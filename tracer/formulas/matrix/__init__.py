"""Terms in matrix notation: sympy expressions that read like a textbook."""
