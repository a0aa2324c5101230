"""What pictures to make of a product: photography settings, colour harmony and the plan. Pure Python."""
