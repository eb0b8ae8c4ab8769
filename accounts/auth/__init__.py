"""Signing up and signing in: allauth's forms, pages and second factor, in the site's words."""
