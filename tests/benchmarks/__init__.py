"""What Packshot costs in time, memory and bytes: `python -m tests.benchmarks` runs all of it."""
