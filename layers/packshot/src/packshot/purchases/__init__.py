"""What customers bought: rows as shops write them, checked, told apart, and kept as lines and histories."""
