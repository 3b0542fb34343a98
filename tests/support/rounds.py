"""A process that indexes an archive in rounds, each when it is told to: `python -m rounds DATABASE ROUNDS`.

A round is three pages of one article with one text, in one transaction, and then what a run works out at its end. It
begins when a line comes in; a line goes out once it is done.
"""

import sys

from archived import article, at, capture, crawl_run, post

from umecrawl.index.engine import Index
from umecrawl.model.capture import Mark

PAGES = 3
WORD = "gemensamhet"


def main(database: str, rounds: int) -> None:
    """Index so many rounds."""
    with Index.open(database).writer() as writer:
        writer.put(Mark("a.warc.gz", 1), crawl_run())
        writer.commit()
        for number in range(rounds):
            if not sys.stdin.readline():
                return
            for page in range(PAGES):
                url = f"https://blogg.example/{number}"
                seen = capture(url, f"text {number}", at(seconds=PAGES * number + page + 1))
                writer.put(Mark("a.warc.gz", seen.record.offset + 500), seen)
                shown = post(url, f"Rubrik {number}", f"En text om {WORD}, den {number}:e i raden.")
                writer.put_extraction(seen, article(shown))
            writer.commit()
            writer.finish()
            sys.stdout.write("done\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
