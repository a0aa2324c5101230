"""The parts that the stacks are made of: each about one thing, with one attribute to hold it by."""
