"""Answers about a program: why a gradient is None, under which conditions a formula holds, how it comes about."""
