"""What is kept: the durable store and its vocabulary. Knows no connector, no framework and no command."""
