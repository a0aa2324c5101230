"""Photographic sets, path-traced offline: `render` makes their light, the package what is shipped of it."""
