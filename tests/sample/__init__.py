"""A whole Senior CMALT with its first renewal, of an invented person: see ``workspace``."""
