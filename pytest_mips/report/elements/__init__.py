"""The parts of which the report page is made."""
