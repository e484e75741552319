"""Programs of other systems: who writes them, and how."""
