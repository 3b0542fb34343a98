"""How sites are asked: the tables `[politeness]` and `[revisit]`, and the same keys of a source."""

from datetime import timedelta

from umecrawl.config.collection import Politeness, Revisit, Robots
from umecrawl.config.quantity import format_duration
from umecrawl.config.quiet import QuietHours, leave_room, parse_quiet_hours
from umecrawl.config.section import Section

POLITENESS_KEYS = (
    "delay",
    "max_delay",
    "connections_per_host",
    "quiet_hours",
    "robots",
    "robots_reason",
    "max_bytes",
    "timeout",
)
_REVISIT_KEYS = ("shortest", "longest", "requisites")
_LONGEST_PAUSE = timedelta(days=3_653)


def read_politeness(section: Section, default: Politeness) -> Politeness:
    """Return how hosts are asked by the keys of a table; what it leaves out is as in `default`."""
    robots = section.word("robots", Robots, default.robots)
    reason = section.text("robots_reason", default.robots_reason)
    if robots is Robots.IGNORE and not reason:
        section.refuse(
            "robots",
            '"ignore" needs robots_reason: why this archive may leave robots.txt aside',
            'Add for instance: robots_reason = "legal deposit, agreed with the publisher on 2025-01-15".',
        )
    return Politeness(
        delay=section.duration("delay", default.delay),
        max_delay=section.duration("max_delay", default.max_delay),
        connections_per_host=section.count("connections_per_host", default.connections_per_host),
        quiet_hours=_quiet_hours(section, default.quiet_hours),
        robots=robots,
        robots_reason=reason,
        max_bytes=section.size("max_bytes", default.max_bytes),
        timeout=section.duration("timeout", default.timeout, zero=False),
    )


def read_revisit(section: Section, default: Revisit) -> Revisit:
    """Return how often pages are asked again by a table; what it leaves out is as in `default`."""
    section.only(_REVISIT_KEYS)
    revisit = Revisit(
        shortest=section.duration("shortest", default.shortest),
        longest=section.duration("longest", default.longest, zero=False),
        requisites=section.duration("requisites", default.requisites),
    )
    for key, pause in (("longest", revisit.longest), ("requisites", revisit.requisites)):
        if pause > _LONGEST_PAUSE:
            section.refuse(
                key, f"ten years at most are wanted, not {format_duration(pause)}", "No URL is ever dropped."
            )
    if revisit.shortest > revisit.longest:
        key = "shortest" if section.has("shortest") else "longest"
        section.refuse(
            key,
            f"shortest ({format_duration(revisit.shortest)}) is longer than longest "
            f"({format_duration(revisit.longest)})",
            "Every page is asked again between the two.",
        )
    return revisit


def _quiet_hours(section: Section, default: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
    if not section.has("quiet_hours"):
        return default
    hours: list[QuietHours] = []
    for text in section.strings("quiet_hours"):
        try:
            hours.append(parse_quiet_hours(text))
        except ValueError:
            section.refuse(
                "quiet_hours", f'hours such as "22:00-06:00" or "mon-fri 08:00-17:00" are wanted, not {text!r}'
            )
    if not leave_room(hours):
        section.refuse("quiet_hours", "they cover the whole week, so that nothing could ever be asked")
    return tuple(hours)
