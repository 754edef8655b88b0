"""The public page's routes."""
