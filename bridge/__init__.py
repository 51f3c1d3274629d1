"""The program: configuration, harvest, portfolio, rendering, publishing, schedule and the command line."""

__version__ = "0.1.0"
