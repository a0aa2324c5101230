"""What is done with purchases and preferences: written down, forgotten, learned from, told."""
