"""Which mail a person wants, and that they get no other."""
