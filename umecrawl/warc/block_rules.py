"""What the block of a record must be: the HTTP message in it, and the digests its header gives of it."""

import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from umecrawl.model.message import entity_of, parse_head
from umecrawl.warc.records import Record, digest_octets, split_message
from umecrawl.warc.rules import Flaw, Severity, broken

Digesting = Callable[[str], bytes | None]

_INTERIM: Final = re.compile(rb"HTTP/\d(?:\.\d)? 1(?!01)\d\d\b")
_RESTORE: Final = "Restore the file from a copy; the capture's octets are not what was stored."


def check_message(record: Record) -> Iterator[Flaw]:
    """Yield what is wrong with the HTTP message in a block."""
    http = record.get("Content-Type").lower().startswith("application/http")
    if record.type in {"response", "request"} and not http and record.url.lower().startswith(("http:", "https:")):
        message = f"a {record.type} over HTTP needs Content-Type application/http"
        yield broken("content-type", message, record.type)
    if record.type == "warcinfo" and record.block and record.get("Content-Type") != "application/warc-fields":
        yield broken("content-type", "a warcinfo record needs Content-Type application/warc-fields", record.type)
    if not http or record.type not in {"response", "revisit"} or not record.block:
        return
    if _INTERIM.match(record.block):
        message = "the block begins with an interim answer (1xx), which is no part of the response"
        yield broken("interim", message, "interim")
    elif record.block.startswith((b"HTTP/2", b"HTTP/3")):
        message = "the status line speaks of HTTP/2 or HTTP/3, which has none; many readers cannot read it"
        yield broken("status-line", message, "status-line")
    elif not record.block.startswith(b"HTTP/"):
        yield Flaw(
            "status-line",
            Severity.NOTE,
            f"the block does not begin with an HTTP status line: {record.block[:20]!r}",
            "Nothing; servers send such answers, and they are kept as they came.",
            "no-http",
        )


def check_digests(record: Record, digests: Mapping[tuple[str, str], bytes] | None = None) -> Iterator[Flaw]:
    """Yield what is wrong with the digests of a record.

    `digests` are those of a record too large to be held, by what was hashed (`block`, `payload`, `body`) and algorithm.
    """
    block = record.get("WARC-Block-Digest")
    found = _of(record.block) if digests is None else partial(_looked_up, digests, "block")
    wrong = list(_check_digest("block-digest", "WARC-Block-Digest", block, found)) if block else []
    yield from wrong
    yield from _check_digest_forms(record)
    payload = record.get("WARC-Payload-Digest")
    if not payload or record.type not in {"response", "request", "resource", "conversion"}:
        return
    entity: Digesting
    body: Digesting
    if digests is not None:
        entity, body = partial(_looked_up, digests, "payload"), partial(_looked_up, digests, "body")
        chunked = any(what == "body" for what, _ in digests)
    elif not record.get("Content-Type").lower().startswith("application/http"):
        entity, body, chunked = _of(record.block), _of(record.block), False
    else:
        head, octets = split_message(record)
        decoded = entity_of(parse_head(head), octets)
        entity, body, chunked = _of(decoded), _of(octets), decoded != octets
    flaws = list(_check_digest("payload-digest", "WARC-Payload-Digest", payload, entity))
    if flaws and chunked and not list(_check_digest("", "", payload, body)):
        yield Flaw(
            "payload-digest-framing",
            Severity.WARNING,
            "WARC-Payload-Digest counts the chunked transfer coding, which is no part of the payload",
            "Nothing is damaged, but equal pages will not be found equal (WARC/1.1 §6.3.2).",
            "chunked",
        )
        return
    if flaws and block and not wrong and record.get("Content-Type").lower().startswith("application/http"):
        # The block is what was stored, so it was the writer who counted something else.
        flaws = [replace(flaw, kind=flaw.kind or "block-right") for flaw in flaws]
    yield from flaws


def _of(octets: bytes) -> Digesting:
    return lambda algorithm: hashlib.new(algorithm, octets, usedforsecurity=False).digest()


def _looked_up(digests: Mapping[tuple[str, str], bytes], what: str, algorithm: str) -> bytes | None:
    return digests.get((what, algorithm))


def _check_digest_forms(record: Record) -> Iterator[Flaw]:
    """Yield digests that are not written as archives write them: sha1 in Base32, others in lower-case hex (R9)."""
    for name in ("WARC-Block-Digest", "WARC-Payload-Digest"):
        value = record.get(name)
        known = digest_octets(value)
        if known is None:
            continue
        algorithm, octets = known
        usual = {f"{algorithm}:{octets.hex()}", f"{algorithm}:{b32encode(octets).decode().rstrip('=')}"}
        if value not in usual:
            yield Flaw(
                "digest-form",
                Severity.NOTE,
                f"{name} is not written in the usual form: {value[:100]!r}",
                "Nothing is damaged; tools that compare digests as text may not find equal ones.",
                name,
            )


def _check_digest(rule: str, name: str, value: str, digest: Digesting) -> Iterator[Flaw]:
    known = digest_octets(value)
    if known is None:
        yield Flaw(
            rule,
            Severity.WARNING,
            f"{name} cannot be checked: {value[:100]!r}",
            "Nothing; the form is unknown.",
            f"form {name}",
        )
        return
    algorithm, wanted = known
    found = digest(algorithm)
    if found is None:
        message = f"{name} was not checked: the head of the message does not end in its first megabyte"
        yield Flaw(rule, Severity.NOTE, message, "Nothing; such a head is no server's.", f"head {name}")
    elif found != wanted:
        message = f"{name} is {value}, but the octets give {algorithm}:{found.hex()}"
        yield Flaw(rule, Severity.ERROR, message, _RESTORE)
