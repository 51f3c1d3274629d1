"""Renewal: earlier generations word for word, the time since them, and the themes of a review."""
