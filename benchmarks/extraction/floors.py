"""The floors below which no score may fall, pinned with the hash of the pages they were measured on."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).with_name("floors.toml")
# A floor lies this much below the score it was pinned at: libxml2 and trafilatura differ a little by version.
SLACK = 0.003


@dataclass(frozen=True, slots=True)
class Lowered:
    """A floor that was lowered: from what to what, when and why."""

    name: str
    before: float
    after: float
    on: str
    reason: str


@dataclass(slots=True)
class Floors:
    """Floors by name, as `text/zyte`, the hash of the pages, and the history of what was lowered."""

    corpus: str = ""
    values: dict[str, float] = field(default_factory=dict)
    lowered: list[Lowered] = field(default_factory=list)

    def failures(self, scores: dict[str, float], corpus: str) -> list[str]:
        """Return a sentence for each score below its floor or missing, and for pages that are not those pinned."""
        if corpus != self.corpus:
            return [f"the pages are not those of the floors: hash {corpus[:16]}, pinned {self.corpus[:16] or 'none'}"]
        told = [f"{name}: not measured, floor {floor:.3f}" for name, floor in self.values.items() if name not in scores]
        return told + [
            f"{name}: {scores[name]:.4f} is below its floor {floor:.4f}"
            for name, floor in self.values.items()
            if name in scores and scores[name] < floor
        ]

    def pin(self, scores: dict[str, float], corpus: str) -> None:
        """Raise floors to the scores; never lowers one. Other pages need `renew`."""
        self.corpus = self.corpus or corpus
        for name, score in scores.items():
            self.values[name] = max(self.values.get(name, 0.0), round(score - SLACK, 4))

    def lower(self, name: str, score: float, reason: str) -> None:
        """Lower one floor to a score, and keep why."""
        before, after = self.values[name], round(score - SLACK, 4)
        if after < before:
            self.lowered.append(Lowered(name, before, after, datetime.now(UTC).date().isoformat(), reason))
            self.values[name] = after


def read_floors() -> Floors:
    """Return the floors as pinned; empty ones where there are none yet."""
    if not FILE.is_file():
        return Floors()
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Floors(told["corpus"], dict(told["floors"]), [Lowered(**one) for one in told.get("lowered", [])])


def write_floors(floors: Floors) -> None:
    """Write the floors, by name."""
    lines = [
        "# Written by run.py --pin and --lower; --check fails below a floor.",
        f'corpus = "{floors.corpus}"',
        "",
        "[floors]",
        *(f'"{name}" = {value}' for name, value in sorted(floors.values.items())),
    ]
    for one in floors.lowered:
        reason = one.reason.replace("\\", "\\\\").replace('"', '\\"')
        lines += [
            "",
            "[[lowered]]",
            f'name = "{one.name}"',
            f"before = {one.before}",
            f"after = {one.after}",
            f'on = "{one.on}"',
            f'reason = "{reason}"',
        ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
