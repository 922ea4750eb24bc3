"""Programs computed over numbers of other kinds than floats: with many digits, or as fractions modulo a prime."""
