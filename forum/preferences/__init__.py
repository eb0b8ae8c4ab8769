"""Mail preferences."""
