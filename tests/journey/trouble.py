"""What goes wrong between a program and a site: a server that answers nonsense, a connection that is cut."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.journey.owner import Owner, content_of
from tests.servers.listener import Listener
from tests.servers.site import Site


class faulty:
    """The site answers with a fault, after some good answers, for some requests, whoever asks."""

    def __init__(self, site: Site, fault: str, skipped: int, left: int) -> None:
        self.site = site
        self.plugin = site.docroot / "wp-content" / "mu-plugins" / "aaa-later.php"
        self.code = (
            "<?php add_action('plugins_loaded', function () { global $wpdb;"
            f" $n = (int) get_option('later_fault', 0); update_option('later_fault', $n + 1);"
            f" if ($n >= {skipped} && $n < {skipped + left}) $_SERVER['HTTP_X_LAB_FAULT'] = '{fault}'; }}, 1);"
        )

    def __enter__(self) -> None:
        self.site.php("delete_option('later_fault');")
        self.plugin.write_text(self.code)
        self.plugin.chmod(0o644)

    def __exit__(self, *_: object) -> None:
        self.plugin.unlink()


class Cutter:
    """A proxy on loopback that cuts every connection after some bytes of the answer, until it is told not to."""

    def __init__(self, port: int, after: int) -> None:
        self.port = port
        self.after = after
        self.left = after
        self.listener = Listener(self._serve)
        self.address = self.listener.url

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.port))
        threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
        threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        try:
            while data := one.recv(4096):
                if counted and self.after:
                    data = data[: max(self.left, 0)]
                    self.left -= len(data)
                    if not data:
                        break
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def undisturbed(site: Site, owner: Owner) -> dict[str, tuple]:
    """What an uninterrupted harvest of a site ends with."""
    owner.folder.mkdir(parents=True)
    owner.state.mkdir(parents=True)
    owner.secrets["KEEPFOLIO_BLOG_PASSWORD"] = site.password("admin")
    owner.configure(sources={"blog": {"type": "wordpress", "url": site.url, "author": "all", "user": "admin"}})
    owner.harvest()
    return content_of(owner)
