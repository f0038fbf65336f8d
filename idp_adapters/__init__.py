"""Identity providers, each behind the same small contract."""
