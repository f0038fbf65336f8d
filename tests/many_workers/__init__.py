"""Several processes of one hub on one database: whatever may happen once happens once among all of them."""
