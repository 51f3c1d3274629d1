"""Moodle: an institution's VLE, read with the token of its mobile app."""
