"""Who people are: users, addresses, roles and credentials."""
