"""The character set that the links of a page are read in, as its header or markup names it."""

import re

from umecrawl.model.encodings import web_encoding

_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)


def charset_of(markup: bytes, content_type: str) -> str:
    """Return Python's name of the character set for octets that are no UTF-8."""
    declared = _CHARSET.search(content_type)
    name = declared[1] if declared else ""
    if not name:
        meta = _META_CHARSET.search(markup, 0, 2048)
        name = meta[1].decode("ascii") if meta else ""
    # HTML means Windows-1252 by ISO-8859-1 (WHATWG Encoding §4.2); it also is what undeclared Swedish pages are in.
    if not name or name.lower() in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii", "utf-8", "utf8"}:
        return "cp1252"
    return web_encoding(name) or "cp1252"


def text_of(written: bytes, charset: str) -> str:
    """Return octets as text: UTF-8 where they are that, whatever a page says of itself, else by `charset`."""
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode(charset, errors="replace")
