"""Long random runs against the whole running service."""
