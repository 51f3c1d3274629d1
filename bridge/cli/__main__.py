"""``python -m bridge.cli`` is ``keepfolio``."""

from bridge.cli import main

main()
