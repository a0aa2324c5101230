"""Baked photographic sets, one folder each: a description, checksums, and light and surfaces as images."""
