"""Forgetting for good: what the owner decided must go, taking it out, and proving that it is gone."""
