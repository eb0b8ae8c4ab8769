"""What happens when Redis, the worker or the mail server fail (DESIGN 4, promises 2 and 8)."""
