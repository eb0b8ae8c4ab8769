"""The pages: one package for each part of the site's URLs."""
