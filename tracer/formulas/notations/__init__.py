"""Notations: terms and graphs written as people and programs read them."""
