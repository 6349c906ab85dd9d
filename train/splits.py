"""The splits of recordings, speakers and voices."""

TRAINING, VALIDATION, TESTING = "training", "validation", "testing"
