"""What the WARC files of an opened archive hold of a capture: its octets, and what an extractor reads from them now."""

from umecrawl.errors import NotFoundError
from umecrawl.model.article import Extraction, Outcome, Page, Post
from umecrawl.model.capture import Capture, RecordRef, RecordType
from umecrawl.model.message import decode_content, parse_head
from umecrawl.model.urls import Url
from umecrawl.query.opened import OpenedArchive


class Holdings(OpenedArchive):
    """Reads captures from the WARC files; the index only says where they lie."""

    def page(self, capture_id: str) -> Page:
        """Return the page of a capture as an extractor takes it, read from the WARC.

        Raises `NotFoundError` for an unknown id, `DamageError` where the record cannot be read.
        """
        capture = self._stored(capture_id)
        head = parse_head(self._warcs.payload_head(capture))
        markup = decode_content(self._warcs.payload(capture), head.joined("content-encoding"))
        # A confirmation (304) shows what it refers to: the answer that came with the payload.
        content_type = head.get("content-type") or ""
        return Page(capture.url, capture.captured_at, head.status, content_type, markup)

    def extraction(self, capture_id: str) -> Extraction:
        """Return what the current extractor reads from a capture, now and from the WARC; the index is not asked.

        So it holds what the index does not keep, as the blocks of a text. Raises as `page`.
        """
        from umecrawl.extract import extract  # noqa: PLC0415  (measured start-up cost)

        return extract(self.page(capture_id))

    def post(self, capture_id: str) -> Post:
        """Return the article that a capture shows, whole: as `extraction` gives it, with blocks and comments.

        Raises `NotFoundError` for a capture that shows none, a listing among them.
        """
        read = self.extraction(capture_id)
        if read.outcome not in {Outcome.ARTICLE, Outcome.DOCUMENT} or not read.posts:
            raise NotFoundError(
                f"capture {capture_id} shows no article: {read.outcome.value}"
                + (f" ({read.detail})" if read.detail else ""),
                hint="`umecrawl history URL` tells the quality of each capture.",
            )
        return read.posts[0]

    def markdown(self, capture_id: str) -> str:
        """Return the article that a capture shows as Markdown: headings, lists, quotes, tables. Raises as `post`."""
        from umecrawl.extract.markdown import markdown  # noqa: PLC0415  (measured start-up cost)

        shown = self.post(capture_id)
        return markdown(shown.title, shown.blocks)

    def read(self, capture_id: str) -> bytes:
        """Return the entity of a capture as served: transfer coding removed, content coding (gzip, br …) kept.

        Of a revisit the bytes come from the capture it refers to. Raises `NotFoundError` for an unknown id and
        `DamageError` where the record cannot be read.
        """
        return self._warcs.payload(self._stored(capture_id))

    def head(self, capture_id: str) -> bytes:
        """Return the response head of a capture as it was sent, from the status line to the blank line."""
        return self._warcs.head(self._stored(capture_id))

    def record(self, capture_id: str) -> bytes:
        """Return the WARC record of a capture, decompressed: its header, its block and what ends it."""
        return self._warcs.raw(self._stored(capture_id).record)

    def _stored(self, capture_id: str) -> Capture:
        with self._catalog() as catalog:
            row = catalog.capture(capture_id)
        return Capture(
            record=RecordRef(row.id, row.warc, row.offset, row.length),
            record_type=RecordType(row.record_type),
            url=Url(row.url),
            captured_at=row.captured_at,
            status=row.status,
            mime=row.mime,
            payload_digest=row.payload_digest,
            size=row.size,
            run=row.run,
            refers_to=row.refers_to,
        )
