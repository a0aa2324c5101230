"""MiniStack with what it lacks; it runs in an environment of its own and imports nothing of Packshot."""
