"""URLs as values: the form that is fetched, the form that is compared, and the key that groups variants.

Four forms of one address:

    raw        what a page links to, of any quality
    Url        `normalize(raw, base)`: absolute, RFC 3986, no fragment, no tracking parameters; what is fetched
    canonical  `canonicalize(url)`: `Url` with sorted parameters; what the seen-set and the index compare
    key        `resource_key(url)`: without scheme, `www.` and trailing slash; groups the aliases of one resource

`surt(url)` is the sort-friendly key of CDX files (it folds case, so it groups but never identifies).
"""

import ipaddress
import re
from functools import lru_cache
from typing import NewType
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes, urljoin, urlsplit

from umecrawl.errors import UsageError

Url = NewType("Url", str)
Surt = NewType("Surt", str)

_DEFAULT_PORT = {"http": 80, "https": 443}
_TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|_ga|_gl|yclid|wt_\w+|mobilmeny)$",
    re.IGNORECASE,
)
# RFC 3986 unreserved + reserved + "%"; everything else is percent-encoded as UTF-8.
_SAFE = "%!#$&'()*+,/:;=?@[]~-._"
_UNSAFE = re.compile(r"[^A-Za-z0-9%!#$&'()*+,/:;=?@\[\]~\-._]")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_CONTROL = re.compile(r"[\t\n\r]")
_WWW = re.compile(r"^www\d*\.")
# What a CDX key leaves as it stands, and the session ids it leaves out (query, in this order; ASP.NET path).
_KEY_SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_SESSION_IDS = tuple(
    re.compile(rf"^(.*)(?:{session})(?:&(.*))?$", re.IGNORECASE | re.DOTALL)
    for session in (
        "jsessionid=[0-9a-z]{32}",
        "phpsessid=[0-9a-z]{32}",
        "sid=[0-9a-z]{32}",
        "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
)
_SESSION_SEGMENTS = tuple(
    re.compile(rf"^(.*/)\({session}\)/([^?]+\.aspx.*)$", re.DOTALL)
    for session in (r"(?:[a-z]\([0-9a-z]{24}\))+", "[0-9a-z]{24}")
)
# What `normalize` would return as it is, the fragment apart: most links, found in a tenth of the time.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NORMAL = re.compile(
    rf"(https?://(?:{_LABEL}\.){{1,8}}[a-z]{{2,18}}(?:/(?!\.)(?:[A-Za-z0-9!$&'()*+,:;=@~_.-]|%[0-9A-Fa-f]{{2}})*)+)(?:#[^\t\r\n]*)?",
)
# What gives its key without escapes to even out, dots to resolve and parameters to sort.
_PLAIN = re.compile(rf"https?://((?:{_LABEL}\.){{1,8}}[a-z]{{2,18}})((?:/(?!\.)[A-Za-z0-9!$&'()*+,:;=@~_.-]+)*/?)")
# A canonical URL in its parts, and the host of one that is written plainly; `urlsplit` takes five times as long.
_CANONICAL = re.compile(r"""https?://([a-z0-9._-]+)(:[1-9]\d*)?(/[!"$->@-~]*)(?:\?([!"$-~]+))?""")
_PLAIN_HOST = re.compile(r"https?://([a-z0-9._-]+)(?=[/?#]|\Z)")


class InvalidUrlError(UsageError):
    """The text is not an absolute http or https URL."""


@lru_cache(maxsize=65_536)
def normalize(raw: str, base: str | None = None) -> Url:
    """Return the URL that a request is sent to.

    Resolves `raw` against `base`, lower-cases scheme and host, encodes international hosts (IDNA) and
    non-ASCII characters (UTF-8, percent-encoding), and drops the fragment, the default port, dot segments
    and tracking parameters (RFC 3986 §6.2).
    Raises `InvalidUrlError` for anything but http and https with a host.
    """
    normal = _NORMAL.fullmatch(raw)
    if normal is not None:
        return Url(normal[1])
    text = _CONTROL.sub("", raw.strip())
    try:
        # urljoin would drop an empty ";" even of an absolute URL.
        is_absolute = text[:8].lower().startswith(("http://", "https://"))
        parts = urlsplit(text if base is None or is_absolute else urljoin(base, text))
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        raise InvalidUrlError(f"not a URL: {raw[:200]!r} ({error})") from error
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORT:
        raise InvalidUrlError(f"not an http or https URL: {raw[:200]!r}", hint="Write it whole, as https://host/path.")
    if not host:
        raise InvalidUrlError(f"no host in the URL {raw[:200]!r}", hint="Write it whole, as https://host/path.")
    authority = _ascii_host(host, raw)
    if port is not None and port != _DEFAULT_PORT[scheme]:
        authority = f"{authority}:{port}"
    path = _encode(_remove_dot_segments(parts.path)) or "/"
    query = "&".join(p for p in parts.query.split("&") if p and not _TRACKING.match(p.partition("=")[0]))
    return Url(f"{scheme}://{authority}{path}" + (f"?{_encode(query)}" if query else ""))


@lru_cache(maxsize=65_536)
def canonicalize(url: str) -> Url:
    """Return the form that the seen-set compares: `normalize`, percent-encoding evened out, parameters sorted."""
    normal = normalize(url)
    head, _, query = normal.partition("?")
    head = _even_percent(head)
    if not query:
        return Url(head)
    return Url(f"{head}?{'&'.join(sorted(_even_percent(query).split('&')))}")


def resource_key(url: str) -> str:
    """Return the key under which all captures of one resource are grouped.

    Scheme, `www.`, default port, trailing slash and parameter order are folded; the case of the path is kept.
    The host is written in reverse labels (`se,umesosse)/2023/05/07/slug`), so that a host or path prefix is a
    range of keys.
    """
    return _reversed_key(canonicalize(url))


def surt(url: str) -> Surt:
    """Return the sort-friendly key of CDX and CDXJ files, equal to what replay tools make of the same URL.

    Follows the Internet Archive's rules, which pywb and its kin look captures up by: case, `www.`, `www2.`,
    scheme, user, default port, session ids, trailing and doubled slashes folded, percent-encoding evened out,
    parameters sorted. Never raises: what is no URL becomes a key of its own.
    """
    plain = _PLAIN.fullmatch(url)
    if plain is None or ".aspx" in plain[2]:  # a session id may stand before it
        return _surt_with_care(url)
    path = plain[2].lower().removesuffix("/")
    return Surt(f"{_reversed_host(plain[1])}){path or '/'}")


@lru_cache(maxsize=1024)
def _reversed_host(host: str) -> str:
    return ",".join(reversed(_WWW.sub("", host, count=1).split(".")))


def _surt_with_care(url: str) -> Surt:
    try:
        parts = urlsplit(url.partition("#")[0])
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Surt(_escape_key(url.encode("utf-8", "surrogatepass")).lower())
    host = re.sub(r"\.{2,}", ".", _escape_key(_unescape(host)).lower()).strip(".")
    host = ",".join(reversed(_WWW.sub("", host, count=1).split(".")))
    authority = host if port in {None, _DEFAULT_PORT.get(parts.scheme)} else f"{host}:{port}"
    path = _escape_key(_folded_path(_unescape(parts.path))).lower()
    for session in _SESSION_SEGMENTS:
        path = session.sub(r"\1\2", path)
    path = path if path == "/" else path.removesuffix("/")
    query = _without_session(_escape_key(_unescape(parts.query))).lower()
    query = "&".join("=".join(pair) for pair in sorted(p.split("=", 1) for p in query.split("&")))
    return Surt(f"{authority}){path}" + (f"?{query}" if query else ""))


def host_of(url: str) -> str:
    """Return the host in lower case, without port; empty when there is none, as in what is no URL. Never raises."""
    plain = _PLAIN_HOST.match(url)
    if plain is not None:
        return plain[1]
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # the brackets of an IPv6 address that is none: other tools archive such targets
        return ""


def origin_of(url: str) -> str:
    """Return scheme, host and port, as in `https://example.org` (RFC 6454 §4)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def in_domain(host: str, domain: str) -> bool:
    """Return whether `host` is `domain` or one of its subdomains."""
    host, domain = host.lower(), domain.lower().lstrip(".")
    return host == domain or host.endswith("." + domain)


def site_of(url: str) -> str:
    """Return the site a URL belongs to: its host without a leading `www.`."""
    return host_of(url).removeprefix("www.")


def _ascii_host(host: str, raw: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    except ValueError:
        pass
    try:
        ascii_host = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise InvalidUrlError(f"no valid host in the URL {raw[:200]!r} ({error})") from error
    if not ascii_host or re.search(r"[^a-z0-9.\-_]", ascii_host):
        raise InvalidUrlError(f"no valid host in the URL {raw[:200]!r}")
    return ascii_host


def _encode(text: str) -> str:
    if _UNSAFE.search(text):
        text = quote(text, safe=_SAFE)
    return _BAD_PERCENT.sub("%25", text)


def _remove_dot_segments(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _even_percent(text: str) -> str:
    if "%" not in text:
        return text

    def even(match: re.Match[str]) -> str:
        char = chr(int(match.group(1), 16))
        return char if char in _UNRESERVED else "%" + match.group(1).upper()

    return _PERCENT.sub(even, text)


def _unescape(text: str) -> bytes:
    octets = text.encode("utf-8", "surrogatepass")
    while (plain := unquote_to_bytes(octets)) != octets:
        octets = plain
    return octets


def _escape_key(octets: bytes) -> str:
    return quote_from_bytes(octets, safe=_KEY_SAFE)


def _folded_path(path: bytes) -> bytes:
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b".." and kept:
            kept.pop()
        elif segment != b".":
            kept.append(segment)
    return b"/" + b"/".join([segment for segment in kept[:-1] if segment] + kept[-1:])


def _without_session(query: str) -> str:
    for session in _SESSION_IDS:
        if match := session.match(query):
            query = match[1] + (match[2] or "")
    return query


def _reversed_key(url: Url) -> str:
    plain = _CANONICAL.fullmatch(url)
    if plain is not None:
        host, port, path, query = plain.groups("")
    else:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
        path, query = parts.path, parts.query
    return f"{_labels(host)}{port}){path.rstrip('/') or '/'}" + (f"?{query}" if query else "")


@lru_cache(maxsize=4096)
def _labels(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ",".join(reversed(host.removeprefix("www.").split(".")))
    return host
