"""Reading pages out of an archive of which a part is damaged."""

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.pipeline.indexing import readable_pages


class Torn:
    """An archive of three captures: one is whole, one is damaged, one refers to a file that is gone."""

    def content(self, capture):
        """Give head and body, or say why there is none."""
        if capture.url.endswith("damaged"):
            raise DamageError("a.warc.gz: offset 7: broken")
        if capture.url.endswith("gone"):
            raise NotFoundError("there is no b.warc.gz")
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<p>text"


class Observed:
    """What `readable_pages` asks of a capture."""

    captured_at = None
    status = 200

    def __init__(self, url):
        self.url = url


def test_what_cannot_be_read_does_not_hold_up_the_rest():
    """Damage is told with its place; every other page is read."""
    damage = []
    captures = iter([Observed("/damaged"), Observed("/gone"), Observed("/whole")])
    pages = [(capture.url, page.markup) for capture, page in readable_pages(Torn(), captures, damage)]
    assert [("/whole", b"<p>text")] == pages
    assert ["a.warc.gz: offset 7: broken", "there is no b.warc.gz"] == damage
