"""Telling somebody of a failure: a program that is started, a webhook that gets JSON; neither holds up a schedule."""

import json
import os
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from umecrawl.config.collection import Schedule
from umecrawl.errors import UmecrawlError

_PREFIX: Final = "UMECRAWL_"
_STDERR: Final = 2  # stdout is for data
_SUCCESS: Final = range(200, 300)


class NoticeError(UmecrawlError):
    """Nobody could be told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to tell: `event` is run-failed, run-skipped, configuration-invalid or index-incomplete.

    `failures` counts failed runs in a row of the source that has most of them.
    """

    event: str
    at: datetime
    archive: str
    collection: str
    message: str
    hint: str = ""
    run: str | None = None
    sources: tuple[str, ...] = ()
    outcome: str | None = None
    exit_code: int = 1
    failures: int = 0
    retry_at: datetime | None = None

    def facts(self) -> dict[str, object]:
        """Return the fields as JSON has them; times are RFC 3339 in UTC."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def send(notice: Notice, settings: Schedule, environment: Mapping[str, str]) -> list[NoticeError]:
    """Tell whom the configuration names; return what did not work. Takes `notice_timeout` for each at most."""
    body = json.dumps(notice.facts(), ensure_ascii=False).encode() + b"\n"
    problems = []
    if settings.on_failure:
        problems += _started(settings.on_failure, notice, body, settings.notice_timeout, environment)
    if settings.webhook:
        problems += _posted(settings.webhook, body, settings.notice_timeout, environment)
    return problems


def _started(
    command: tuple[str, ...], notice: Notice, body: bytes, timeout: timedelta, environment: Mapping[str, str]
) -> list[NoticeError]:
    facts = {
        f"{_PREFIX}{name.upper()}": " ".join(value) if isinstance(value, list) else str(value)
        for name, value in notice.facts().items()
        if value is not None
    }
    try:
        # A session of its own: a Ctrl-C meant for the crawl does not reach it, and all it starts can be ended.
        with subprocess.Popen(  # noqa: S603 - the operator's own program, without a shell
            command, stdin=subprocess.PIPE, stdout=_STDERR, env={**environment, **facts}, start_new_session=True
        ) as process:
            try:
                process.communicate(body, timeout.total_seconds())
            except subprocess.TimeoutExpired:
                _end(process)
                return [NoticeError(f"on_failure: {command[0]} took longer than {timeout} and was ended")]
            except BaseException:
                _end(process)
                raise
    except OSError as error:
        return [NoticeError(f"on_failure: {command[0]} could not be started: {error.strerror}")]
    if process.returncode:
        return [NoticeError(f"on_failure: {command[0]} ended with code {process.returncode}")]
    return []


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _posted(webhook: str, body: bytes, timeout: timedelta, environment: Mapping[str, str]) -> list[NoticeError]:
    url = environment.get(webhook[1:], "") if webhook.startswith("$") else webhook
    if not url.startswith(("http://", "https://")):
        return [NoticeError(f"webhook: the environment variable {webhook[1:]} holds no web address")]
    problems: list[NoticeError] = []
    # urllib's timeout is that of one read: a server that sends an octet now and then would hold it for ever.
    thread = threading.Thread(target=_post, args=(url, body, timeout, problems), daemon=True)
    thread.start()
    thread.join(timeout.total_seconds())
    return [_unanswered(timeout)] if thread.is_alive() else problems


def _unanswered(timeout: timedelta) -> NoticeError:
    return NoticeError(f"webhook: no answer within {timeout}")


def _post(url: str, body: bytes, timeout: timedelta, problems: list[NoticeError]) -> None:
    request = urllib.request.Request(  # noqa: S310 - http and https alone come here
        url, data=body, headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout.total_seconds()) as answer:  # noqa: S310 - as above
            if answer.status not in _SUCCESS:
                problems.append(NoticeError(f"webhook: answered with status {answer.status}"))
    except Exception as error:  # noqa: BLE001 - whatever the other side does, the schedule goes on
        reason = getattr(error, "reason", error)
        # The address may be a secret; the message of the error does not name it.
        told = NoticeError(f"webhook: {type(error).__name__}: {reason}")
        problems.append(_unanswered(timeout) if isinstance(reason, TimeoutError) else told)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value
