"""Packshot: product photos in, images for the shop out, with the product's own pixels untouched."""

__version__ = "0.1.0"
