"""WACZ files are checked through: package, digests, pages, indexes, and every record of the WARCs in them."""

import gzip
import hashlib
import json
import zipfile

import pytest

from umecrawl.errors import DamageError
from umecrawl.warc.cdxj import cdxj_path
from umecrawl.warc.verify import verify
from umecrawl.warc.volumes import volumes_of


@pytest.fixture
def files(tmp_path, make, writing, the_warc):
    """Return the files of a WACZ by their paths, as a package would hold them."""
    root = tmp_path / "source"
    with writing(root) as writer:
        writer.append(make.exchange("http://blog.example/a"))
        writer.append(make.chunked("http://blog.example/chunked"))
        writer.append(make.exchange("http://blog.example/a", day=1))
    warc = the_warc(root)
    pages = [
        {"format": "json-pages-1.0", "id": "pages", "title": "Pages"},
        {"url": "http://blog.example/a", "ts": "2026-01-31T12:00:00Z"},
    ]
    return {
        f"archive/{warc.name}": warc.read_bytes(),
        "indexes/index.cdx": cdxj_path(root, warc.name).read_bytes(),
        "pages/pages.jsonl": b"".join(json.dumps(page).encode() + b"\n" for page in pages),
    }


def pack(path, files, *, package=None, digest=None, extra=(), method=zipfile.ZIP_STORED) -> None:
    """Write a WACZ of these files."""
    resources = [
        {
            "name": name.rpartition("/")[2],
            "path": name,
            "hash": "sha256:" + hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
        }
        for name, data in files.items()
    ]
    values = {"profile": "data-package", "wacz_version": "1.1.1", "resources": resources} | (package or {})
    listing = json.dumps(values).encode()
    check = {"path": "datapackage.json", "hash": digest or "sha256:" + hashlib.sha256(listing).hexdigest()}
    with zipfile.ZipFile(path, "w", method) as target:
        for name, data in [*files.items(), *extra]:
            target.writestr(name, data)
        target.writestr("datapackage.json", listing)
        if digest != "none":
            target.writestr("datapackage-digest.json", json.dumps(check))


def rules(path) -> list[str]:
    """Return the rules of what is found in a WACZ."""
    return [finding.rule for finding in verify([path], root=path.parent / "none")]


@pytest.mark.parametrize("packed", [False, True])
def test_a_sound_wacz_has_no_findings(tmp_path, files, packed):
    """With a plain index, and with a compressed one."""
    if packed:
        files["indexes/index.cdx.gz"] = gzip.compress(files.pop("indexes/index.cdx"))
    pack(tmp_path / "a.wacz", files)
    assert rules(tmp_path / "a.wacz") == []


def without(name):
    """Return a change that takes the files of a folder away."""

    def change(files):
        for path in [path for path in files if path.startswith(name)]:
            del files[path]

    return change


def edited(name, edit):
    """Return a change of one file."""

    def change(files):
        (path,) = (path for path in files if path.startswith(name))
        files[path] = edit(files[path])

    return change


def flipped(data: bytes) -> bytes:
    """Return the octets with one bit of the last member's data changed."""
    return data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]


CHANGES = {
    "no pages": (without("pages/"), {"wacz-file"}),
    "no index": (without("indexes/"), {"wacz-file"}),
    "no WARC": (without("archive/"), {"wacz-file", "wacz-index"}),
    "unsorted index": (
        edited("indexes/", lambda data: b"".join(sorted(data.splitlines(keepends=True))[::-1])),
        {"wacz-index"},
    ),
    "a line too few": (
        edited("indexes/", lambda data: b"".join(data.splitlines(keepends=True)[1:])),
        {"wacz-index"},
    ),
    "another offset": (
        edited("indexes/", lambda data: data.replace(b'"offset": "', b'"offset": "9', 1)),
        {"wacz-index"},
    ),
    "another WARC": (
        edited("indexes/", lambda data: data.replace(b'"filename": "', b'"filename": "x', 1)),
        {"wacz-index"},
    ),
    "no index line": (edited("indexes/", lambda data: data + b"zzz\n"), {"wacz-index"}),
    "pages without header": (
        edited("pages/", lambda data: b"".join(data.splitlines(keepends=True)[1:])),
        {"wacz-pages"},
    ),
    "page without time": (edited("pages/", lambda data: data.replace(b'"ts"', b'"at"')), {"wacz-pages"}),
    "bit in the WARC": (edited("archive/", flipped), {"gzip-member"}),
    "cut WARC": (edited("archive/", lambda data: data[:-5]), {"cut-tail"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_wrong_in_a_wacz_is_found(tmp_path, files, name):
    """Though the package was made after the damage, and its digests agree."""
    change, expected = CHANGES[name]
    change(files)
    pack(tmp_path / "a.wacz", files)
    assert expected <= set(rules(tmp_path / "a.wacz"))


def test_what_does_not_fit_the_package_is_found(tmp_path, files):
    """Other hashes, other lengths, files that nobody lists or that are missing."""
    path = tmp_path / "a.wacz"
    pack(path, files, extra=[("pages/extra.jsonl", b"{}")])
    assert rules(path) == ["wacz-file"]
    pack(path, files, digest="sha256:" + "0" * 64)
    assert rules(path) == ["wacz-digest"]
    pack(path, files, digest="none")
    assert rules(path) == ["wacz-file"]
    name = "pages/pages.jsonl"
    wrong = {"name": "pages.jsonl", "path": name, "hash": "sha256:" + "0" * 64, "bytes": 1}
    pack(path, files, package={"resources": [wrong]})
    assert rules(path).count("wacz-digest") == 2
    pack(path, files, package={"resources": [{"path": "pages/none.jsonl"}]})
    assert set(rules(path)) == {"wacz-file"}
    pack(path, files, package={"resources": "none"})
    assert rules(path) == ["wacz-file"]
    pack(path, files, method=zipfile.ZIP_DEFLATED)
    assert rules(path) == ["zip"]


def test_a_wacz_that_is_no_zip_is_found(tmp_path, files):
    """Cut, or something else altogether; a flipped bit in a stored file is found by the ZIP's own checksum."""
    path = tmp_path / "a.wacz"
    pack(path, files)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert rules(path) == ["zip"]
    path.write_bytes(b"no zip")
    assert rules(path) == ["zip"]
    path.write_bytes(data[:3000] + bytes([data[3000] ^ 1]) + data[3001:])
    assert "zip" in rules(path)


def test_findings_name_the_warc_in_the_wacz(tmp_path, files):
    """With the offset within the WARC."""
    CHANGES["cut WARC"][0](files)
    pack(tmp_path / "a.wacz", files)
    (cut,) = (finding for finding in verify([tmp_path / "a.wacz"], root=tmp_path) if finding.rule == "cut-tail")
    assert str(cut.path).startswith(f"{tmp_path / 'a.wacz'}!archive/")
    assert cut.offset > 0


def test_a_member_that_does_not_begin_where_the_directory_says_is_found(tmp_path, files):
    """Nothing of it can be read; the rest of the package is checked."""
    path = tmp_path / "a.wacz"
    pack(path, files)
    path.write_bytes(path.read_bytes().replace(b"PK\x03\x04", b"PK\x03\x05", 1))
    assert set(rules(path)) == {"zip", "wacz-file", "wacz-index"}
    assert len(rules(path)) == 3


@pytest.mark.parametrize(
    "name", ["archive/../../{}/evil.warc.gz", "../{}/evil.warc.gz", "archive/" + "n" * 300 + ".warc.gz"]
)
def test_no_name_in_a_wacz_leads_out_of_it(tmp_path, files, name):
    """Paths upwards write nothing anywhere, and a name that no disk takes is told."""
    path = tmp_path / "inner" / "a.wacz"
    path.parent.mkdir()
    warc = next(data for name, data in files.items() if name.startswith("archive/"))
    pack(path, files, extra=[(name.format(tmp_path.name), warc)])
    before = sorted(tmp_path.rglob("*"))
    assert set(rules(path)) >= {"wacz-file"}
    for volume in volumes_of(path):
        assert "/" not in volume.name
    assert sorted(tmp_path.rglob("*")) == before


def zeros(package):
    """Write a WARC of zeros, which deflate makes a thousandth of."""
    info = zipfile.ZipInfo("archive/zeros.warc")
    info.compress_type = zipfile.ZIP_DEFLATED
    with package.open(info, "w") as member:
        for _ in range(100):
            member.write(bytes(1024 * 1024))


def twice(package):
    """Let twenty members of the directory share the octets of one."""
    package.writestr("archive/one.warc.gz", bytes(1_000_000))
    [one] = package.infolist()
    package.filelist += [one] * 20


def lengthened(package):
    """Let the directory say that a member which stands there as it is has more octets than it has."""
    package.writestr("archive/one.warc.gz", b"short")
    package.filelist[0].file_size = 10**12


def elsewhere(package):
    """Let a member begin behind the end of the file."""
    package.writestr("archive/one.warc.gz", b"short")
    package.filelist[0].header_offset = 10**15


@pytest.mark.parametrize("make", [zeros, twice, lengthened, elsewhere])
def test_a_wacz_that_is_a_bomb_is_not_unpacked(tmp_path, make):
    """Neither to check it nor to read it."""
    path = tmp_path / "bomb.wacz"
    with zipfile.ZipFile(path, "w") as package:
        make(package)
    [finding] = verify([path], root=tmp_path / "none")
    assert finding.rule == "zip"
    assert "the file is not unpacked" in finding.message
    with pytest.raises(DamageError, match=r"bomb\.wacz"):
        volumes_of(path)


def test_a_list_without_line_ends_takes_little_memory(tmp_path, files, monkeypatch):
    """What is no line is told, and not read to its end."""
    monkeypatch.setattr("umecrawl.warc.wacz_check._MOST", 1000)
    files["pages/pages.jsonl"] = b'{"format": "json-pages-1.0"}\n' + b"x" * 5000
    files["indexes/index.cdx"] = b"y" * 5000
    pack(tmp_path / "a.wacz", files)
    assert {"wacz-pages", "wacz-index"} <= set(rules(tmp_path / "a.wacz"))
