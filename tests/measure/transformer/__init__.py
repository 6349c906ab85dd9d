"""A small streaming transformer, trained and quantised beside the cells, to compare with them; no device runs it."""
