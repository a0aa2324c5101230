"""What is bought of an outside generator: models as data, recipes, prices, signatures."""
