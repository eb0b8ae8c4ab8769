"""Users, e-mail addresses, roles and physicians' credentials."""
