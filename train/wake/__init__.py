"""A recipe for a wake word or phrase, from its text."""
