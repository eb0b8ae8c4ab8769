"""Which mail a person wants: members on /me/notifications/, guests behind a signed link; following; nothing at all."""
