"""Where results come from: commit, machine, versions, sources, and the fingerprint of a task."""
