"""What a reader sees: the portfolio as a page."""
