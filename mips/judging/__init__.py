"""A program held against a task: what is asked, what is weighed, and what is proved."""
