"""Articles on medical studies, and rendering of text to HTML."""
