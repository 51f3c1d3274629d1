"""What becomes of a portfolio: handed in, marked, revised, and due again. Pure, but for the owner's small files."""
