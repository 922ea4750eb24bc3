"""Code generation: tensors become lines, lines become NumPy source or are run at once."""
