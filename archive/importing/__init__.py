"""Bringing a foreign history in: reading it as hostile, comparing it with what is here, and keeping what is new."""
