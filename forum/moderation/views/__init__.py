"""The pages that moderators and staff work with."""
