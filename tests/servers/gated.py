"""A small site on loopback that stops answering after so many requests, until it is let go on."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class GatedSite:
    """Pages `/` and `/1` to `/n`, each linking the next three; the request after `gate` others waits for `release`.

    `reached` is set when that request has come: whoever waits for it knows that the crawl is in the middle.
    """

    def __init__(self, pages: int, *, gate: int | None = None) -> None:
        self.reached = threading.Event()
        self.release = threading.Event()
        self.asked: Counter[str] = Counter()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # http.server's name
                """Answer a page, or wait at the gate."""
                site.asked[self.path] += 1
                if gate is not None and site.asked.total() > gate and not site.release.is_set():
                    site.reached.set()
                    site.release.wait()
                number = self.path.strip("/") or "0"
                known = number.isdigit() and int(number) <= pages
                body = site.page(int(number), pages) if known else b"nothing here"
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Keep quiet."""

            def handle(self):
                """Serve until the client goes, however it goes."""
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @staticmethod
    def page(number: int, pages: int) -> bytes:
        """Return a page of its own words, long enough to be an article."""
        links = "".join(f'<a href="/{n}">Sida {n}</a> ' for n in range(number + 1, min(number + 4, pages + 1)))
        words = " ".join(f"Stycke {number} säger sak {n} om kommunen." for n in range(40))
        return (
            f'<!doctype html><html lang="sv"><head><title>Sida {number}</title></head><body><nav>{links}</nav>'
            f"<article><h1>Sida {number}</h1><p>{words}</p></article></body></html>"
        ).encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
