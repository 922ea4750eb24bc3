"""The rules of terms, by what they are about."""
