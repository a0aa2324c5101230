"""The sample products, one module each with a `photograph()`."""
