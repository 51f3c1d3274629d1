"""
Install what the tests need and pip cannot give: a browser, age, Pango for PDFs, and the packages of a real WordPress.

Only as root on Debian; elsewhere it says what will be skipped. Run by ``make test`` before the tests.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers import site

POLICY = Path("/usr/sbin/policy-rc.d")
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
"""What WeasyPrint sets text with, and a font: a bare system has none."""


def main() -> int:
    reason = site.unavailable()
    if reason:
        print(f"Tests against a real WordPress are skipped: {reason}.")
        if not shutil.which("chromium"):
            print("Tests in a real browser are skipped: no chromium on the path.")
        return 0
    missing = [program for program in ("chromium", "age") if not shutil.which(program)]
    if missing:
        install(*missing)
    if not has_pango():
        install(*PANGO)
    running = site.start()  # the first start installs its packages; the tests then start in seconds
    site.remove(running)
    return 0


def has_pango() -> bool:
    """Tell whether a PDF can be made here."""
    libraries = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
    try:
        for library in libraries:
            ctypes.CDLL(library)
    except OSError:
        return False
    return Path("/usr/share/fonts/truetype/dejavu").is_dir()


def install(*packages: str) -> None:
    """Install Debian packages without starting any service that they bring."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    made = not POLICY.exists()
    if made:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", *packages]
        if subprocess.run(command, env=environment, check=False).returncode:
            subprocess.run(["apt-get", "update"], env=environment, check=True)
            subprocess.run(command, env=environment, check=True)
    finally:
        if made:
            POLICY.unlink()


if __name__ == "__main__":
    sys.exit(main())
