"""TLS as an archive wants it: a context that reads what browsers read, and the facts of a connection for its records.

Offered is `http/1.1` alone: WARC has no form for HTTP/2, and a rewritten message would hold invented bytes.
"""

import asyncio
import re
import ssl
from typing import Any

import certifi

from umecrawl.model.capture import TlsFacts

# Not in Python's `ssl` before 3.12 (OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT).
_OP_LEGACY_SERVER_CONNECT = 0x4

_VERSION = re.compile(r"TLSv1(?:\.(\d))?")
_SUITE = re.compile(
    r"(?:(?P<kx>ECDHE|DHE|ADH|AECDH)-(?:(?P<auth>RSA|ECDSA|DSS)-)?)?"
    r"(?P<cipher>AES128|AES256|ARIA128|ARIA256|CAMELLIA128|CAMELLIA256|CHACHA20-POLY1305|DES-CBC3|SEED|RC4|NULL)"
    r"(?:-(?P<mode>GCM|CCM8|CCM))?(?:-(?P<mac>SHA384|SHA256|SHA|MD5))?"
)
_ANONYMOUS = {"ADH": "DH_anon", "AECDH": "ECDH_anon"}
_CIPHERS = {
    "CHACHA20-POLY1305": "CHACHA20_POLY1305_SHA256",
    "DES-CBC3": "3DES_EDE_CBC",
    "SEED": "SEED_CBC",
    "RC4": "RC4_128",
    "NULL": "NULL",
}
_MODES = {"GCM": "GCM", "CCM": "CCM", "CCM8": "CCM_8", None: "CBC"}


def client_context(*, insecure: bool = False) -> ssl.SSLContext:
    """Return a context for fetching; certificates are verified by the system's store, or certifi's where it is empty.

    `insecure` accepts any certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_default_certs()
        if not context.cert_store_stats()["x509_ca"]:
            context.load_verify_locations(cafile=certifi.where())
    # Many servers close without close_notify, and old ones know no secure renegotiation; browsers read both.
    context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF | _OP_LEGACY_SERVER_CONNECT
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_facts(transport: asyncio.BaseTransport) -> TlsFacts | None:
    """Return what is known of the TLS layer of a connection; None for a plain one."""
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    if tls is None:
        return None
    cipher = tls.cipher()
    return TlsFacts(_version(tls.version() or ""), iana_suite(cipher[0]) if cipher else "", _chain(tls))


def iana_suite(name: str) -> str:
    """Return the IANA name of a cipher suite that OpenSSL calls `name` (RFC 8446 §B.4 and the IANA registry).

    A name of no known form is returned as it is.
    """
    match = _SUITE.fullmatch(name)
    if match is None:
        return name
    exchange = match["kx"] or ""
    # OpenSSL leaves RSA out of names such as ECDHE-ARIA256-GCM-SHA384.
    key = _ANONYMOUS.get(exchange) or "_".join(part for part in (exchange, match["auth"] or "RSA") if part)
    cipher = match["cipher"]
    sealed = _CIPHERS.get(cipher) or f"{cipher[:-3]}_{cipher[-3:]}_{_MODES[match['mode']]}"
    return f"TLS_{key}_WITH_{sealed}" + (f"_{match['mac']}" if match["mac"] else "")


def _version(name: str) -> str:
    match = _VERSION.fullmatch(name)
    return f"tls/1.{match[1] or 0}" if match else name.lower()


def _chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates the server sent, leaf first, as DER."""
    public: Any = getattr(tls, "get_unverified_chain", None)  # since Python 3.13
    if public is not None:
        return tuple(public() or ())
    private: Any = getattr(tls, "_sslobj", None)
    if hasattr(private, "get_unverified_chain"):
        # Certificate.public_bytes gives DER with this number (_ssl.ENCODING_DER).
        return tuple(certificate.public_bytes(2) for certificate in private.get_unverified_chain() or ())
    leaf = tls.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()
