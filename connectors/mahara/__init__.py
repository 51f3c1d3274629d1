"""Mahara: the Leap2A files that it reads."""
