"""What shall be learned: tasks, examples drawn from them, and what is asked of a reference before it is believed."""
