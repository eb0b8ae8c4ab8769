"""Health, metrics, robots.txt and error pages."""
