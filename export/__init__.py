import firmware  # noqa: F401, for Ctrl-C while the rest is imported
