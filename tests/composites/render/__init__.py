"""Products path-traced in the studio's sets: what a composite should have been."""
