"""Path-trace the sample photos and their exact mattes."""
