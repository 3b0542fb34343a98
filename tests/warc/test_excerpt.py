"""Captures copied into files of their own: octet for octet, and such that they stand alone."""

import gzip
from contextlib import contextmanager
from io import BytesIO

import pytest

from umecrawl.errors import DamageError, UsageError
from umecrawl.warc.copying import copy_own
from umecrawl.warc.events import read_events
from umecrawl.warc.excerpt import About, ExcerptWriter, entries_of
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.verify import verify
from umecrawl.warc.volumes import volume_of


@pytest.fixture
def archive(tmp_path, make, writing, the_warc):
    """Return an archive with a page, a revisit of it, a 304, another page and a failure, and its one WARC."""
    root = tmp_path / "archive"
    with writing(root) as writer:
        writer.append(make.exchange("http://blog.example/a", fields=(b'ETag: "1"',)))
        writer.append(make.exchange("http://blog.example/b", b"other" * 200))
        writer.append(make.exchange("http://blog.example/copy", day=1))
        writer.append(make.not_modified("http://blog.example/a", b'ETag: "1"', day=2))
        writer.append(make.failure())
    return root, the_warc(root)


@pytest.fixture
def asking(tmp_path, make, writing, the_warc):
    """Return a function that makes an archive of one exchange with this request."""

    def ask(request):
        with writing(tmp_path / "asking") as writer:
            writer.append(make.exchange(request=request, fields=(b"Set-Cookie: id=1",)))
        return tmp_path / "asking", the_warc(tmp_path / "asking")

    return ask


@pytest.fixture
def copied(tmp_path, make):
    """Return a function that copies captures, all by default, into a folder; it returns their lines."""

    def copy(root, warc, choose=bool, **options):
        about = About("umea", "Exempelarkivet", "host", "umecrawl/0", make.begin, "What was chosen", (("site", "x"),))

        @contextmanager
        def opened(name):
            with (tmp_path / name).open("wb") as file:
                yield file

        volume = volume_of(warc)
        offsets = [entry.record.offset for entry in entries_of(root, volume) if choose(entry)]
        with ExcerptWriter(opened, about, **options) as writer:
            return list(writer.copy(root, volume, offsets))

    return copy


def test_the_members_are_those_of_the_source(archive, copied, tmp_path):
    """Request, metadata and response lie in the source as one stretch, and so they do in the copy."""
    root, warc = archive
    lines = copied(root, warc, lambda entry: entry.url.endswith(("/a", "/copy")))
    source = WarcArchive(root)
    told = {told.event.id: told.event for told in read_events(warc) if hasattr(told.event, "record_type")}
    for line in lines:
        stretch = source.members(told[line.record.record_id])
        end = line.record.offset + line.record.length
        assert (tmp_path / line.record.warc).read_bytes()[end - len(stretch) : end] == stretch
    assert len(lines) == 3


def test_the_copy_is_sound_and_says_what_it_is(archive, copied, tmp_path):
    """Its first record says who chose what; nothing but the names of the sources is worth a note."""
    root, warc = archive
    (name,) = {line.record.warc for line in copied(root, warc)}
    assert name == "umea-export-20260131120000-00000-host.warc.gz"
    first, second = gzip.decompress((tmp_path / name).read_bytes()).split(b"WARC/1.1\r\n")[1:3]
    assert b"WARC-Type: warcinfo" in first
    assert b"isPartOf: umea\r\ndescription: What was chosen\r\numecrawl-filter: site=x\r\n" in first
    assert b"WARC-Filename: " + warc.name.encode() in second
    assert {finding.rule for finding in verify([tmp_path / name], root=tmp_path)} <= {"file-name"}


def test_the_lines_are_what_reading_the_copy_gives(archive, copied, tmp_path):
    """Offsets, lengths and all other facts."""
    root, warc = archive
    lines = copied(root, warc)
    assert list(entries_of(tmp_path, volume_of(tmp_path / lines[0].record.warc))) == lines


def test_a_full_file_is_followed_by_another_that_stands_alone(archive, copied, tmp_path):
    """Each begins with its own warcinfo and the source's; no exchange is split."""
    root, warc = archive
    names = sorted({line.record.warc for line in copied(root, warc, max_size=1)})
    assert [name.split("-")[3] for name in names] == ["00000", "00001", "00002", "00003"]
    for name in names:
        data = gzip.decompress((tmp_path / name).read_bytes())
        kinds = [part.split(b"\r\n")[1] for part in data.split(b"WARC/1.1")[1:]]
        assert [kind.removeprefix(b"WARC-Type: ") for kind in kinds][:4] == [
            b"warcinfo",
            b"warcinfo",
            b"request",
            b"metadata",
        ]
        assert len(kinds) == 5


def test_the_same_copy_has_the_same_octets(archive, copied, tmp_path):
    """Nothing in it depends on when or where it was made but what it was told."""
    root, warc = archive
    first = (tmp_path / copied(root, warc)[0].record.warc).read_bytes()
    assert (tmp_path / copied(root, warc)[0].record.warc).read_bytes() == first


@pytest.mark.parametrize("field", [b"Cookie: id=1", b"authorization: Basic eDp5", b"Proxy-Authorization: x"])
def test_requests_with_credentials_are_not_handed_over_by_accident(asking, copied, field):
    """A copy of captures and one of the whole file refuse them, naming file and field; who wants them gets them."""
    root, warc = asking(b"GET /a HTTP/1.1\r\nHost: blog.example\r\n" + field + b"\r\n\r\n")
    name = field.decode().split(":")[0].title()
    with pytest.raises(UsageError, match=rf"{warc.name}: offset \d+: .* carries {name}"):
        copied(root, warc)
    with pytest.raises(UsageError, match=f"carries {name}"):
        copy_own(volume_of(warc), BytesIO(), with_credentials=False)
    whole = BytesIO()
    copy_own(volume_of(warc), whole, with_credentials=True)
    assert whole.getvalue() == warc.read_bytes()
    assert len(copied(root, warc, with_credentials=True)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"user=a&password=b",
        b"log=a&Pwd=b",
        b"user%5Bpassword%5D=b&x=1",
        b'--x\r\nContent-Disposition: form-data; name="new_password"\r\n\r\nb\r\n--x--\r\n',
        b'{"user": "a", "password": "b"}',
    ],
)
def test_passwords_in_forms_are_not_handed_over_by_accident(asking, copied, body):
    """Scrapy's FormRequest sends them in the body, where no header tells of them."""
    root, warc = asking(b"POST /login HTTP/1.1\r\nHost: blog.example\r\n\r\n" + body)
    with pytest.raises(UsageError, match=r"carries the field '.*(password|Pwd)"):
        copied(root, warc)
    assert len(copied(root, warc, with_credentials=True)) == 1


@pytest.mark.parametrize("body", [b"q=password", b"q=hur%20byter%20man%20password", b'{"query": "passwords are hard"}'])
def test_a_search_for_the_word_is_no_password(asking, copied, body):
    """The name of a field counts, not what is in it."""
    root, warc = asking(b"POST /search HTTP/1.1\r\nHost: blog.example\r\n\r\n" + body)
    assert len(copied(root, warc)) == 1


def test_what_a_page_says_of_cookies_is_no_credential(asking, copied):
    """The words in a body, a header of another name and Set-Cookie are not meant."""
    root, warc = asking(b"POST /a HTTP/1.1\r\nHost: blog.example\r\nX-Cookie: 1\r\n\r\n\nCookie: in the body")
    assert len(copied(root, warc)) == 1


def test_a_damaged_file_is_not_handed_over(archive, copied):
    """A cut file and a flipped octet are told with their place."""
    root, warc = archive
    data = warc.read_bytes()
    warc.write_bytes(data[:-5])
    with pytest.raises(DamageError, match=r"offset \d+: the file ends inside a member"):
        copy_own(volume_of(warc), BytesIO(), with_credentials=True)
    warc.write_bytes(data[:600] + bytes([data[600] ^ 1]) + data[601:])
    with pytest.raises(DamageError, match="offset"):
        copied(root, warc)


def test_captures_of_other_tools_are_copied_with_what_belongs_to_them(archive, copied, tmp_path):
    """Records in any order, in one member or none: each gets a member of its own, its octets unchanged."""
    _, warc = archive
    parts = [b"WARC/1.1\r\n" + part for part in gzip.decompress(warc.read_bytes()).split(b"WARC/1.1\r\n")[1:]]
    _, request, metadata, response, *rest = [part.replace(b"Umecrawl-Lead", b"Another-Lead") for part in parts]
    octets = b"".join([response, request, *rest, metadata])  # the response first, as warcprox writes it
    for name, packed in (("plain.warc", octets), ("shared.warc.gz", gzip.compress(octets))):
        folder = tmp_path / name
        (folder / "warc").mkdir(parents=True)
        (folder / "warc" / name).write_bytes(packed)
        (line,) = copied(
            folder, folder / "warc" / name, lambda entry: entry.url.endswith("/a") and not entry.is_revisit
        )
        path = tmp_path / line.record.warc
        made = gzip.decompress(path.read_bytes())
        assert made.count(b"WARC/1.1\r\n") == 4
        assert made.endswith(b"".join((request, metadata, response)))
        with path.open("rb") as file:
            file.seek(line.record.offset)
            assert gzip.decompress(file.read(line.record.length)) == response
