"""The report page: one self-contained HTML file about a finished run. Whatever a file says is shown as text."""
