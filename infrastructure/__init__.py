"""Where Packshot runs: on AWS, and on one machine."""
