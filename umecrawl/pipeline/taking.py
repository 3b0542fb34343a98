"""What an export takes of an archive: its closed files, and in them the places of the captures that are chosen."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import Capture
from umecrawl.pipeline.requisites import Requisites
from umecrawl.query.selection import Choice, Selection
from umecrawl.warc.files import list_volumes
from umecrawl.warc.volumes import Volume

# By the name of a WARC, the offsets of captures: eight octets each, for a result set may be large.
Places = dict[str, "array[int]"]


@dataclass(frozen=True, slots=True)
class Taken:
    """Closed files, and the places of what is chosen in them; without places all of it is taken.

    `notes` are sentences about what was left out.
    """

    volumes: tuple[Volume, ...]
    places: Places | None
    notes: tuple[str, ...]


def closed_volumes(root: Path) -> tuple[Volume, ...]:
    """Return the WARCs that do not change any more. Raises `DamageError` for a WACZ that cannot be read."""
    broken: list[DamageError] = []
    found = tuple(volume for volume in list_volumes(root, broken) if not volume.unfinished)
    if broken:
        raise broken[0]
    return found


def take(
    root: Path, choice: Choice, selection: Selection | None, *, needs: Requisites | None, originals: bool = False
) -> Taken:
    """Return what a choice takes.

    `needs` adds what chosen pages need to be shown, `originals` the payloads of revisits. Raises `NotFoundError`
    where nothing fits, `DamageError` for two files of one name.
    """
    volumes = closed_volumes(root)
    names = Counter(volume.name for volume in volumes)
    if doubled := next((name for name, number in names.items() if number > 1), None):
        raise DamageError(f"{root / 'warc'}: two files have the name {doubled}", hint="Rename one of them.")
    if not volumes:
        raise NotFoundError(f"{root}: there is no closed WARC to export", hint="Crawl first.")
    notes = []
    if len(volumes) < len(list_volumes(root)):
        notes.append("files that are being written were left out; where no crawl runs, `umecrawl index` ends them")
    if choice.is_all or selection is None:
        return Taken(volumes, None, tuple(notes))
    places, unclosed = _places(_chosen(selection, needs), names)
    if not any(places.values()):
        raise NotFoundError(
            f"no capture of a closed file fits {' '.join(f'{name}={value}' for name, value in choice.named())}",
            hint="`umecrawl search` and `umecrawl history URL` show what the archive has.",
        )
    if unclosed:
        notes.append(f"{unclosed} captures in files that are being written were left out")
    if originals:
        for name, offsets in _places(selection.originals(), names)[0].items():
            places[name].extend(offsets)
        if lost := selection.without_original():
            notes.append(f"the originals of {lost} revisits are in no file of the archive")
    return Taken(volumes, places, tuple(notes))


def _places(captures: Iterable[Capture], names: Iterable[str]) -> tuple[Places, int]:
    """Return the places of captures by file, and how many lie in files that are not taken."""
    places: Places = {name: array("Q") for name in names}
    others = 0
    for capture in captures:
        if capture.record.warc in places:
            places[capture.record.warc].append(capture.record.offset)
        else:
            others += 1
    return places, others


def _chosen(selection: Selection, needs: Requisites | None) -> Iterator[Capture]:
    for capture in selection.captures():
        yield capture
        if needs is not None:
            yield from needs.of(capture)
