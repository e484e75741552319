"""Foreign programs in a locked child: they see inputs, never expected outputs, and nothing of the machine."""
