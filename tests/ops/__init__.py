"""Tests of the rows of tensor operations."""
