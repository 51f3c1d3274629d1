"""Real WordPress sites from Debian's packages, started and stopped by the tests; see ``wordpress/README.md``."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "wordpress"


def unavailable() -> str:
    """Return why no WordPress can be started here, or ``""``."""
    if os.geteuid() != 0:
        return "a real WordPress needs root on Debian"
    if not Path("/etc/debian_version").is_file() or not shutil.which("apt-get"):
        return "a real WordPress needs Debian's packages"
    return ""


@dataclass
class Site:
    """A running site; ``password(role)`` gives that role's application password."""

    url: str
    port: int
    state: Path
    info: dict

    @property
    def docroot(self) -> Path:
        return self.state / str(self.port) / "docroot"

    @property
    def access_log(self) -> Path:
        return self.state / str(self.port) / "log" / "access"

    def password(self, role: str = "admin") -> str:
        return self.info["app_passwords"][role]

    def seed(self, posts: int = 0, media: int = 0, *more: str) -> dict:
        """Fill the site; the corner cases always come first."""
        command = [
            "python3",
            str(HERE / "seed"),
            "--port",
            str(self.port),
            "--posts",
            str(posts),
            "--media",
            str(media),
        ]
        done = run([*command, "--state", str(self.state), *more])
        return json.loads(done.splitlines()[-1])

    def sql(self, query: str) -> list[list[str]]:
        """Run SQL in the site's database; rows as lists of text."""
        socket_file = self.state / str(self.port) / "run" / "mysqld.sock"
        out = run(
            ["mariadb", "--no-defaults", f"--socket={socket_file}", "-uroot", "-N", "-B", "wordpress", "-e", query]
        )
        return [line.split("\t") for line in out.splitlines()]

    def php(self, code: str) -> str:
        """Run PHP inside WordPress as its administrator; what it prints comes back."""
        prelude = (
            f"$_SERVER += ['HTTP_HOST' => '127.0.0.1:{self.port}', 'SERVER_NAME' => '127.0.0.1', 'REQUEST_URI' => '/',"
            " 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];"
            f"require '{self.docroot}/wp-load.php'; wp_set_current_user(get_user_by('login', 'admin')->ID);"
        )
        as_www = ["setpriv", "--reuid=www-data", "--regid=www-data", "--init-groups"]
        return run([*as_www, "php", "-d", "sendmail_path=/bin/true", "-r", prelude + code])

    def wxr(self) -> bytes:
        """Return what Tools > Export gives."""
        return run(["php", str(HERE / "wxr.php"), str(self.docroot), self.url]).encode()

    def stop(self, *, purge: bool = False) -> None:
        run([str(HERE / "down"), f"PORT={self.port}", f"STATE={self.state}", f"PURGE={int(purge)}"])

    def start(self) -> None:
        run([str(HERE / "up"), f"PORT={self.port}", f"STATE={self.state}", f"SERVER={self.info['server']}"])


def start(**options: str) -> Site:
    """Start a new site: ``start(SERVER="apache", PERMALINKS="plain")``; loopback only."""
    # a short path: the database's socket lies below it, and a socket's path has 107 characters
    state = Path(tempfile.mkdtemp(prefix="kf-wp-", dir="/var/tmp"))
    port = free_port()
    words = [f"{name}={value}" for name, value in options.items()]
    info = json.loads(run([str(HERE / "up"), f"PORT={port}", f"STATE={state}", *words]).splitlines()[-1])
    return Site(info["url"], port, state, info)


def remove(site: Site) -> None:
    """Stop a site and remove all of it."""
    site.stop(purge=True)
    shutil.rmtree(site.state, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        raise RuntimeError(f"{command[0]} said {done.returncode}: {done.stderr[-3000:]}{done.stdout[-1000:]}")
    return done.stdout
