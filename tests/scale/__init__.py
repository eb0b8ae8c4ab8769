"""A million decided posts and a hundred thousand waiting ones: every page costs what it costs with a hundred."""
