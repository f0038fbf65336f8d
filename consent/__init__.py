"""What a citizen agreed to, and its withdrawal, each journalled in the same transaction."""
