"""Which mail a person wants."""
