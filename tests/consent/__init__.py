"""Consent: what was shown, decided and taken back."""
