"""What is sent for a Scrapy request: where it goes, its exact bytes, and the candidate it stands for."""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from scrapy import Request
from scrapy.exceptions import NotSupported

from umecrawl.fetch.connection import Origin
from umecrawl.model.crawl import CrawlUrl, Hop
from umecrawl.model.urls import Url

_DEFAULT_PORT = {"http": 80, "https": 443}
_MAX_PORT = 65_535
_URL = re.compile(
    r"(?P<scheme>https?)://(?:[^/?#]*@)?(?P<host>\[[^\]/?#]*\]|[^:/?#@\[\]]+)(?::(?P<port>\d{0,5}))?(?P<rest>[/?][^#]*)?",
    re.IGNORECASE,
)
# Visible ASCII passes; the rest would break the request line.
_UNSENDABLE = re.compile(r"[^!-~]")
_LINE_BREAK = re.compile(rb"[\r\n\0]+")
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
# Written by us, or meant for a proxy.
_OWN_FIELDS = frozenset({b"host", b"content-length", b"transfer-encoding", b"proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Address:
    """A URL as it is fetched: `url` has no fragment and no user information, and agrees with `target` and `host`.

    `target` is in origin-form (RFC 9112 §3.2.1); `host` is the value of the Host field.
    """

    url: Url
    origin: Origin
    host: str
    target: str


def address_of(url: str) -> Address:
    """Split a URL into what connecting and the request line need.

    Octets that no request line can carry are percent-encoded (UTF-8). Raises `NotSupported` when it is no absolute
    http or https URL.
    """
    match = _URL.match(url)
    if match is None or (match.end() < len(url) and url[match.end()] != "#"):
        raise NotSupported(f"not an absolute http or https URL: {url[:200]!r}")
    scheme = match["scheme"].lower()
    host = match["host"].lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise NotSupported(f"no valid host in the URL {url[:200]!r} ({error})") from error
    default = _DEFAULT_PORT[scheme]
    port = int(match["port"] or default)
    if not 0 < port <= _MAX_PORT:
        raise NotSupported(f"no valid port in the URL {url[:200]!r}")
    target = match["rest"] or "/"
    if target.startswith("?"):
        target = "/" + target
    if _UNSENDABLE.search(target) or _UNSENDABLE.search(host):
        target, host = _UNSENDABLE.sub(_percent, target), _UNSENDABLE.sub(_percent, host)
    field = host if port == default else f"{host}:{port}"
    return Address(Url(f"{scheme}://{field}{target}"), Origin(scheme, host.strip("[]"), port), field, target)


def request_bytes(request: Request, address: Address) -> bytes:
    """Return the request as it is written to the wire: Host first, then Scrapy's fields in their order."""
    headers = request.headers
    host = (headers.get(b"Host") if headers else None) or address.host.encode("ascii")
    lines = [f"{request.method} {address.target} HTTP/1.1".encode("latin-1"), b"Host: " + _one_line(host)]
    for name, values in headers.items():
        if name.lower() not in _OWN_FIELDS:
            lines += [_one_line(name) + b": " + _one_line(value) for value in values]
    if request.body or request.method in _BODY_METHODS:
        lines.append(b"Content-Length: %d" % len(request.body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + request.body


def crawl_url_of(request: Request, url: Url, source: str) -> CrawlUrl:
    """Return the candidate that a request stands for: the caller's (`meta["crawl_url"]`), or one made from its meta.

    Its URL is always the one that is fetched: Scrapy's redirect middleware copies the meta of the first request to
    the next, and a record must not name a URL that nobody asked for. Its attempt counts Scrapy's retries.
    """
    meta = request.meta
    attempt = int(meta.get("retry_times") or 0) + 1
    redirects = meta.get("redirect_urls") or []
    given = meta.get("crawl_url")
    if isinstance(given, CrawlUrl):
        if given.url == url:
            return given if given.attempt >= attempt else replace(given, attempt=attempt)
        if redirects:
            hop_path = given.hop_path + Hop.REDIRECT * len(redirects)
            return replace(given, url=url, via=_plain(redirects[-1]), hop_path=hop_path, attempt=attempt)
        return replace(given, url=url, attempt=max(given.attempt, attempt))
    depth = int(meta.get("depth") or 0)
    hop_path = Hop.LINK * depth + Hop.REDIRECT * len(redirects)
    if not hop_path and url.endswith("/robots.txt"):
        hop_path = str(Hop.PREREQUISITE)
    referer = request.headers.get(b"Referer")
    via = redirects[-1] if redirects else (referer or b"").decode("latin-1")
    # Scrapy counts the links from a start URL, and forgets which one it was.
    seed = Url("") if depth else _plain(redirects[0]) if redirects else url
    return CrawlUrl(url, seed, source, _plain(via) if via else None, hop_path, attempt)


def _plain(url: str) -> Url:
    """Return a URL that Scrapy knew in the form in which it was fetched, where it has one."""
    try:
        return address_of(url).url
    except NotSupported:
        return Url(_UNSENDABLE.sub(_percent, url))


def _one_line(octets: bytes) -> bytes:
    return _LINE_BREAK.sub(b" ", octets) if b"\n" in octets or b"\r" in octets or b"\0" in octets else octets


def _percent(match: re.Match[str]) -> str:
    return quote(match[0], safe="", errors="replace")
