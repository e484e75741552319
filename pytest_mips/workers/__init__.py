"""Who does the attempts: child processes here, and workers elsewhere."""
