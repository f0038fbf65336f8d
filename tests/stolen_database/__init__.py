"""What a thief of the database has: nothing to read, and nobody to follow from one service to another."""
