"""Trained networks: their weights, their files, and what they visit on words."""
