"""Anomalies: a network learns to predict what a machine that is well sounds like a hop later."""
