"""A run on disk: its folder, its records, and how one goes on."""
