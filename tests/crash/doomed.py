"""The command line, killed by SIGKILL at a chosen system call that writes: before it, in its midst or behind it.

    python -m crash.doomed ACKS CALL SHARE crawl --archive DIR …

The CALL-th call that changes a file is the last one: SHARE of its octets are written (0 is before it, 1 is
behind it). With CALL 0 nothing is killed. Every capture that the WARC writer has acknowledged is noted in ACKS.
WARCs are sealed after 64 KiB, so that sealing is met too.
"""

import os
import signal
import sys

from umecrawl.cli import main
from umecrawl.pipeline import session
from umecrawl.pipeline.recording import RecordingSink
from umecrawl.warc import writer

WATCHED = ("fdatasync", "fsync", "ftruncate", "rename", "replace", "link", "unlink", "mkdir")
SEALED_AT = 64 * 1024


class Doom:
    """Counts the calls that change files and ends the process at one of them."""

    def __init__(self, call: int, share: float) -> None:
        self._left = call
        self._share = share
        self.write = os.write

    def install(self) -> None:
        """Stand before the calls of `os`."""
        os.write = self._write
        for name in WATCHED:
            setattr(os, name, self._counted(getattr(os, name)))

    def _due(self) -> bool:
        self._left -= 1
        return self._left == 0

    def _write(self, descriptor: int, data: bytes) -> int:
        if self._due():
            part = memoryview(data)[: round(len(data) * self._share)]
            if part:
                self.write(descriptor, part)
            os.kill(os.getpid(), signal.SIGKILL)
        return self.write(descriptor, data)

    def _counted(self, call):
        def counted(*arguments, **options):
            if self._due():
                if self._share >= 1 / 2:
                    call(*arguments, **options)
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return counted


def note_acknowledged(path: str, write) -> None:
    """Write the id of every capture to a file, once the sink has returned it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    append = RecordingSink.append

    def noted(self, fetched):
        result = append(self, fetched)
        write(descriptor, f"{result.record.record_id}\n".encode())
        return result

    RecordingSink.append = noted


class SmallFiles(writer.WarcWriter):
    """A writer that seals its files early."""

    def __init__(self, *arguments, **options) -> None:
        """Take the writer's arguments."""
        super().__init__(*arguments, **{"max_size": SEALED_AT, **options})


if __name__ == "__main__":
    acks, number, portion, *command = sys.argv[1:]
    doom = Doom(int(number), float(portion))
    note_acknowledged(acks, doom.write)
    session.WarcWriter = SmallFiles
    doom.install()
    sys.argv = ["umecrawl", *command]
    main()
