"""What the application does: one package for each domain."""
