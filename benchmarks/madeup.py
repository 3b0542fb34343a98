"""The rows of a made-up archive for `scale.py`, as the tables take them.

Articles have five captures and two versions each, of 450 words by Zipf's law, and there are as many captures of lists.
Around them is what an archive holds besides: links, sitemaps, changes, removals, shared passages, failures, skips.
"""

import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from umecrawl.index.fulltext import Indexed
from umecrawl.index.resources import stored_key
from umecrawl.model.urls import normalize

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
SITES = 60
EACH = 5  # captures of an article
_WORDS = 450
Rows = dict[str, list[dict[str, object]]]


def made(
    numbers: range, articles: int, rng: random.Random, words: list[str], cumulative: list[float]
) -> tuple[Rows, list[Indexed]]:
    """Return the rows of some articles with their captures, and of as many captures of other pages."""
    rows: Rows = {name: [] for name in ("resource", "payload", "capture", "extraction", "text", "version", "post")}
    indexed = []
    for n in numbers:
        url = address(n)
        published = BEGIN + timedelta(minutes=20 * n)
        rows["resource"].append(_resource(n + 1, url, n % SITES + 1))
        for k in range(2):
            number = 2 * n + k + 1
            title = " ".join(rng.choices(words, cum_weights=cumulative, k=7))
            body = " ".join(rng.choices(words, cum_weights=cumulative, k=_WORDS))
            digest = sha256(body.encode()).hexdigest()
            first, last = (5 * n + 1, 5 * n + 3) if k == 0 else (5 * n + 4, 5 * n + 5)
            rows["payload"].append({"id": number, "digest": f"sha256:{digest}", "size": 20_000})
            rows["text"].append({"id": number, "digest": digest, "sha256": digest, "words": _WORDS, "body": body})
            rows["version"].append(
                _version(number, n + 1, title, published)
                | {
                    "first_seen": published + timedelta(days=30 * k),
                    "last_seen": published + timedelta(days=30 * k + 9),
                }
                | {"captures": last - first + 1, "first_capture_id": first, "last_capture_id": last}
                | {"is_current": k == 1, "uid": f"{number:032x}"}
            )
            rows["extraction"].append(
                {"id": number, "payload_id": number, "resource_id": n + 1, "capture_id": first, "outcome": "article"}
                | {"quality": "full", "extractor_id": 1, "detail": "", "score": 1.0, "reasons": "[]"}
            )
            rows["post"].append(
                {"extraction_id": number, "position": 0, "article_id": n + 1, "own": True, "excerpt": False}
                | {"version_id": number, "title": title, "text_id": number, "permalink": url, "language": "sv"}
                | {"published_at": f"{published:%Y-%m-%dT%H:%M:%SZ}", "published_source": "json-ld"}
            )
            indexed.append(Indexed(number, title, body))
            for place in range(first, last + 1):
                at = published + timedelta(days=30 * k + 3 * (place - first))
                rows["capture"].append(_capture(place, n + 1, url, at, number, revisit=place > first))
        for k in range(EACH):
            place, payload = 5 * articles + 5 * n + k + 1, 2 * articles + 5 * n + k + 1
            if k == 0:
                rows["resource"].append(_resource(articles + n + 1, _list(n), n % SITES + 1))
            digest = f"sha256:{sha256(str(place).encode()).hexdigest()}"
            rows["payload"].append({"id": payload, "digest": digest, "size": 9_000})
            at = published + timedelta(days=3 * k)
            rows["capture"].append(_capture(place, articles + n + 1, _list(n), at, payload, revisit=False))
    return rows, indexed


def around(numbers: range, articles: int) -> Rows:
    """Return the rows that stand around some articles: three links of each, its edit, and of some what befell them."""
    names = ("resource", "extraction", "post", "link", "listed", "change", "removal", "removal_step")
    rows: Rows = {name: [] for name in (*names, "reuse_pair", "reuse_passage", "skip", "failure")}
    for n in numbers:
        unknown = 2 * articles + n + 1
        url = f"https://site{n % SITES}.example/okand/{n}/"
        at = BEGIN + timedelta(minutes=20 * n)
        rows["resource"].append(_resource(unknown, url, n % SITES + 1))
        for number, target in enumerate(((7 * n + 13) % articles + 1, (11 * n + 5) % articles + 1, unknown)):
            rows["link"].append(
                {"extraction_id": 2 * n + 1, "position": 0, "number": number, "kind": "link", "target_id": target}
                | {"url": url, "anchor": "en länk", "sentence": "Här står en länk i en mening.", "start": 10 * number}
            )
        # A list shows its article and those on either side.
        listing = 2 * articles + n + 1
        rows["extraction"].append(
            {"id": listing, "payload_id": 2 * articles + 5 * n + 1, "resource_id": articles + n + 1}
            | {"capture_id": 5 * articles + 5 * n + 1, "outcome": "listing", "quality": "full", "extractor_id": 1}
            | {"detail": "", "score": 1.0, "reasons": "[]"}
        )
        for position in range(3):
            shown = (n + position) % articles
            rows["post"].append(
                {"extraction_id": listing, "position": position, "article_id": shown + 1, "own": False}
                | {"excerpt": True, "title": "En rubrik", "text_id": 2 * shown + 1, "permalink": address(shown)}
            )
        sitemap = n // 100 * 100
        rows["listed"].append(
            {"list_id": articles + sitemap + 1, "target_id": n + 1, "url": address(n), "first_at": at, "last_at": at}
            | {"last_payload_id": 2 * articles + 5 * sitemap + 1}
        )
        rows["change"].append(
            {"uid": f"{n:032x}", "article_id": n + 1, "kind": "edit", "at": at + timedelta(days=30), "run_id": 1}
            | {"from_version": f"{2 * n + 1:032x}", "to_version": f"{2 * n + 2:032x}", "summary": "text changed"}
            | {"words_added": 5, "words_removed": 3, "similarity": 0.9, "classes": "[]", "confirmed": True}
            | {"evidence": f'["{UUID(int=5 * n + 3)}", "{UUID(int=5 * n + 4)}"]'}
        )
        if n % 10 == 0:
            digest = sha256(url.encode()).hexdigest()
            rows["skip"].append(
                {"id": n + 1, "digest": digest, "resource_id": unknown, "url": url, "rule": "robots", "at": at}
                | {"reason": "robots.txt forbids it", "run_id": 1, "source": "made-up", "hop_path": "L"}
            )
        if n % 50 == 1:
            rows["failure"].append(
                {"id": n + 1, "uid": str(UUID(int=2**64 + n)), "resource_id": unknown, "url": url, "at": at}
                | {"kind": "timeout", "detail": "no answer", "run_id": 1, "source": "made-up", "hop_path": "L"}
                | {"attempt": 1, "wire_bytes": 0, "warc_id": 1, "offset": 10_000 * n, "length": 500}
            )
        if n % 50 == 0:
            _went(rows, n, at)
            source, target = 2 * n + 1, 2 * ((n + 1) % articles) + 1
            rows["reuse_pair"].append(
                {"source_id": source, "target_id": target, "ordering": "published", "words": 20, "containment": 0.04}
                | {"trace": f"{n:x}"}
            )
            rows["reuse_passage"].append(
                {"source_id": source, "target_id": target, "source_start": 0, "source_end": 120, "target_start": 0}
                | {"target_end": 120, "words": 20, "similarity": 1.0}
            )
    return rows


def _went(rows: Rows, n: int, at: datetime) -> None:
    shown, gone = str(UUID(int=5 * n + 3)), str(UUID(int=5 * n + 5))
    rows["removal"].append(
        {"article_id": n + 1, "state": "gone", "since": at + timedelta(days=40), "version": f"{2 * n + 2:032x}"}
        | {"last_good_at": at, "last_good": shown, "left_lists": "[]", "gone_at": at, "gone": gone, "days": 3}
    )
    for number, (step, uid) in enumerate((("last-good", shown), ("gone", gone), ("confirmed", gone))):
        rows["removal_step"].append(
            {"article_id": n + 1, "number": number, "step": step, "at": at + timedelta(days=number), "capture": uid}
            | {"detail": "seen"}
        )


def address(n: int) -> str:
    """Return the URL of an article."""
    published = BEGIN + timedelta(minutes=20 * n)
    return f"https://site{n % SITES}.example/{published:%Y/%m/%d}/en-rubrik-om-nummer-{n}/"


def _list(n: int) -> str:
    return f"https://site{n % SITES}.example/amne/nummer-{n}/"


def _resource(number: int, url: str, site: int) -> dict[str, object]:
    return {"id": number, "key": stored_key(normalize(url)), "url": url, "site_id": site, "stale": False}


def _version(number: int, article: int, title: str, published: datetime) -> dict[str, object]:
    return {
        "id": number,
        "article_id": article,
        "title": title,
        "kind": "article",
        "basis": "page",
        "text_id": number,
        "sightings": 0,
        "extractor_id": 1,
        "language": "sv",
        "day": f"{published:%Y-%m-%d}",
        "byline": f"Skribent {article % 500}",
        "published_at": f"{published:%Y-%m-%dT%H:%M:%SZ}",
        "published_source": "json-ld",
    }


def _capture(number: int, resource: int, url: str, at: datetime, payload: int, *, revisit: bool) -> dict[str, object]:
    return {
        "id": number,
        "uid": str(UUID(int=number)),
        "resource_id": resource,
        "url": url,
        "at": at,
        "status": 200,
        "mime": "text/html",
        "payload_id": payload,
        "record_type": "revisit" if revisit else "response",
        "framing": "chunked/gzip",
        "run_id": 1,
        "source": "made-up",
        "hop_path": "L",
        "attempt": 1,
        "wire_bytes": 9_000,
        "warc_id": 1,
        "offset": number * 10_000,
        "length": 9_000,
        "is_page": True,
        "unread": False,
    }
