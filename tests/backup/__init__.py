"""Backup and restore as docs/backup.md describes them, and what is lost without either half."""
