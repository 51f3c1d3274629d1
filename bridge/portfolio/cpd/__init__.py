"""The CPD record: one plain file, and what is made of it."""
