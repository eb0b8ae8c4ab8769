"""Content files of articles (TOML), and loading them."""
