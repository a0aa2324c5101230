"""What a customer buys next: histories, features, models and what they are measured by."""
