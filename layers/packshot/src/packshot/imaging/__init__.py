"""What happens to pixels: pure functions on arrays, without a cloud and without a network."""
