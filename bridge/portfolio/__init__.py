"""The portfolio: frameworks, mapping, the owner's words, assembling, gaps."""
