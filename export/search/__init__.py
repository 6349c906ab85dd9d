"""A search over recipes: which settings give the fewest errors for the least flash, RAM and instructions."""
