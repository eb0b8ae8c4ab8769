"""Export and erase: what the site stores about one person, to be read by them, or to be gone."""
