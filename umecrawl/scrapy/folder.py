"""The archive folder that the crawlers of one process share: one lock, one look-up of payloads, a WARC for each."""

import logging
from contextlib import ExitStack
from pathlib import Path

from umecrawl.errors import ArchiveInUseError, UmecrawlError
from umecrawl.warc.lock import ArchiveLock
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.recovery import recover

_log = logging.getLogger(__name__)


class SharedFolder:
    """An archive folder that is open for writing as long as somebody in this process uses it (`join`, `leave`).

    Opening it closes the files that a killed process left, at their last whole exchange.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._users = 0
        with ExitStack() as opened:
            opened.enter_context(ArchiveLock(root))
            for done in recover(root):
                _log.warning("%s: %s", done.path, done.detail)
            self.payloads = opened.enter_context(PayloadStore(root))
            self._held = opened.pop_all()

    def leave(self) -> None:
        """Use the folder no longer; behind the last one it is closed."""
        self._users -= 1
        if not self._users:
            del _OPEN[self.root.resolve()]
            self._held.close()

    def enter(self) -> None:
        """Use the folder from now on."""
        self._users += 1


# The folders of this process: the lock of a folder is the process's, whichever crawler took it.
_OPEN: dict[Path, SharedFolder] = {}


def join(root: Path) -> SharedFolder:
    """Return the folder, opened if it is not.

    Raises `ArchiveInUseError` while another process writes there, `UmecrawlError` when it cannot be used.
    """
    key = root.resolve()
    folder = _OPEN.get(key)
    if folder is None:
        try:
            folder = _OPEN[key] = SharedFolder(root)
        except ArchiveInUseError as error:
            hint = 'Processes that run at once need a folder each: UMECRAWL_WARC_DIR = "warcs/%(name)s" (the spider).'
            raise ArchiveInUseError(error.message, hint=hint) from error
        except OSError as error:
            raise UmecrawlError(f"{root}: cannot be used ({error.strerror})", hint="Look at its rights.") from error
    folder.enter()
    return folder
