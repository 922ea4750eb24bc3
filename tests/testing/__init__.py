"""The checks that the library offers."""
