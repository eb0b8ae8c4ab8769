"""Answers that age well: corrections with a public history, reviews, newer answers, and what readers say helped."""
