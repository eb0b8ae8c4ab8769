"""Articles on medical studies: what is published here, and how text becomes HTML."""
