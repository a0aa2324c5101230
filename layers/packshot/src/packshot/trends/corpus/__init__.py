"""Posts that were written for this project, by nobody in particular."""
