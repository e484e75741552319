"""What of a text is judged: its entry point, and all that the entry point reaches."""
