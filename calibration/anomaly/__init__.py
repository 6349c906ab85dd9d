"""Models of anomalies: their score, the choice of its threshold, and what they hear in tests."""
