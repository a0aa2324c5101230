"""Engines for the benchmark of masks, each in a process of its own."""
