"""The exceptions a user may see, each with its exit code; nothing else is imported here.

UmecrawlError            1   unexpected, or of no narrower kind
├── UsageError           2   wrong use of a command
├── ConfigError          3   umecrawl.toml is invalid
├── NotFoundError        4   what was asked for is not in the archive
├── DamageError          5   damage was found
├── SeedFailedError      6   the run ended, but a seed could not be captured
├── ArchiveInUseError    7   another run holds the archive
├── NoSpaceError         8   the disk is full
├── ServiceError         9   a needed service (database) is unreachable
└── InterruptedRunError  130 stopped by the user; state is safe
"""

from typing import ClassVar


class UmecrawlError(Exception):
    """A promise that could not be kept, told to the user in one line with a hint.

    `message` says what happened and where (file, offset, URL); `hint` says what to do.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(UmecrawlError):
    """A command, option or argument was used wrongly."""

    exit_code = 2


class ConfigError(UmecrawlError):
    """`umecrawl.toml` is invalid; the message names file, line, key and what is wanted."""

    exit_code = 3


class NotFoundError(UmecrawlError):
    """What was asked for is not there: an archive, a capture, a URL, a run."""

    exit_code = 4


class DamageError(UmecrawlError):
    """Stored bytes are not what they should be."""

    exit_code = 5


class SeedFailedError(UmecrawlError):
    """The run ended, but at least one seed could not be captured."""

    exit_code = 6


class ArchiveInUseError(UmecrawlError):
    """Another process holds the archive for writing."""

    exit_code = 7


class NoSpaceError(UmecrawlError):
    """The disk is full; what was acknowledged before is safe."""

    exit_code = 8


class ServiceError(UmecrawlError):
    """A service the command needs (a database server) cannot be reached."""

    exit_code = 9


class InterruptedRunError(UmecrawlError):
    """The user stopped the run; the state is safe and the hint says how to resume."""

    exit_code = 130
