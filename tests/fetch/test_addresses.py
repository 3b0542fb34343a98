"""Name resolution, host mappings and the refusal of private addresses."""

import asyncio
import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.errors import UsageError
from umecrawl.fetch.addresses import AddressBook, AddressError, ConnectTo, is_public, parse_connect_to, system_lookup
from umecrawl.model.capture import FailureKind


class Names:
    """A name service that counts its questions."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): addresses for name, addresses in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        """Answer, or fail as the system's resolver does."""
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.names[host]


def find(host, port=80, *, connect_to=(), named=(), names=None):
    """Return where a host is reached."""
    book = AddressBook([parse_connect_to(text) for text in connect_to], named, lookup=names or Names())
    return asyncio.run(book.find(host, port))


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("a.example:443:127.0.0.1:8443", ConnectTo("a.example", 443, "127.0.0.1", 8443)),
        ("A.Example:443:B.example:8443", ConnectTo("a.example", 443, "b.example", 8443)),
        ("::127.0.0.1:8080", ConnectTo("", None, "127.0.0.1", 8080)),
        (":80:127.0.0.1:8080", ConnectTo("", 80, "127.0.0.1", 8080)),
        ("a.example:::8080", ConnectTo("a.example", None, "", 8080)),
        ("a.example::b.example:", ConnectTo("a.example", None, "b.example", None)),
        (":::", ConnectTo("", None, "", None)),
        ("[::1]:80:[2001:DB8:0::1]:8080", ConnectTo("::1", 80, "2001:db8::1", 8080)),
        (" a.example:80:b.example:80\n", ConnectTo("a.example", 80, "b.example", 80)),
    ],
)
def test_a_mapping_is_read_as_curl_does(text, mapping):
    """Four parts, each but the colons optional, IPv6 in brackets, case and white space of no weight."""
    assert parse_connect_to(text) == mapping


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.example",
        "a.example:80",
        "a:80:b",
        "a:80:b:80:c",
        "a:x:b:80",
        "a:80:b:70000",
        "a:80:b:0",
        "a:80:b:-1",
        "a:80:b:٨",
        "::1:80:b:80",
        "[nope]:80:b:80",
        "[1.2.3.4]:80:b:80",
        "[::1:80:b:80",
    ],
)
def test_what_is_no_mapping_is_refused(text):
    """The message names the mapping, the hint the form."""
    with pytest.raises(UsageError, match="connection mapping") as caught:
        parse_connect_to(text)
    assert "HOST:PORT:ADDR:PORT" in caught.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_mapping_or_a_usage_error(text):
    """Nothing else is raised, whatever the user types."""
    with contextlib.suppress(UsageError):
        assert isinstance(parse_connect_to(text), ConnectTo)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
    ],
)
def test_private_addresses_are_not_public(address):
    """Loopback, private, link-local, shared, reserved, multicast, and IPv6 forms that carry such a one."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address):
    """Globally reachable addresses pass, also in IPv6 dress."""
    assert is_public(address)


def test_a_name_is_resolved():
    """The addresses of the name service are taken in their order."""
    names = Names(a_example=["8.8.8.8", "2606:4700::1111"])
    assert find("a.example", 443, names=names).addresses == ("8.8.8.8", "2606:4700::1111")


def test_the_first_mapping_that_matches_wins():
    """Mappings are tried in order; host and port must both match."""
    mappings = ["b.example:80:8.8.8.8:1", "a.example:443:8.8.8.8:2", ":80:8.8.8.8:3", "a.example::8.8.8.8:4"]
    assert find("a.example", connect_to=mappings).port == 3
    assert find("a.example", 443, connect_to=mappings).port == 2
    assert find("a.example", 8080, connect_to=mappings).port == 4


def test_a_mapped_address_may_be_private():
    """Who names an address wants it, be it an IP address or a name."""
    assert find("a.example", connect_to=["::127.0.0.1:8080"]).addresses == ("127.0.0.1",)
    assert find("a.example", connect_to=["::[::1]:"]).addresses == ("::1",)
    names = Names(box_example=["192.168.0.9"])
    assert find("a.example", connect_to=["::box.example:"], names=names).addresses == ("192.168.0.9",)


def test_a_mapped_port_alone_names_no_address():
    """A mapping of the port does not open private addresses."""
    with pytest.raises(AddressError) as caught:
        find("127.0.0.1", connect_to=[":80::8080"])
    assert caught.value.kind is FailureKind.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "inside.example"])
def test_a_private_address_that_nobody_named_is_refused(host):
    """Literal or by name, the refusal says which address it is and how to allow it."""
    with pytest.raises(AddressError, match="not a public address") as caught:
        find(host, names=Names(inside_example=["10.0.0.7"]))
    assert caught.value.kind is FailureKind.FORBIDDEN_ADDRESS
    assert "--connect-to" in caught.value.hint


def test_private_addresses_of_a_public_host_are_left_out():
    """A name with both kinds is reached at its public addresses alone."""
    assert find("a.example", names=Names(a_example=["127.0.0.1", "8.8.8.8"])).addresses == ("8.8.8.8",)


def test_a_named_host_may_be_private():
    """The hosts of seeds may be anywhere, names compared without case and brackets."""
    assert find("127.0.0.1", named=["127.0.0.1"]).addresses == ("127.0.0.1",)
    assert find("::1", named=["[::1]"]).addresses == ("::1",)
    assert find("box.example", named=["BOX.example"], names=Names(box_example=["10.0.0.7"])).addresses == ("10.0.0.7",)


def test_an_unknown_name_is_a_dns_failure():
    """The failure names the host."""
    with pytest.raises(AddressError, match=r"nowhere\.example") as caught:
        find("nowhere.example")
    assert caught.value.kind is FailureKind.DNS


def test_a_name_without_address_is_a_dns_failure():
    """An empty answer is no address."""
    with pytest.raises(AddressError, match="no address"):
        find("a.example", names=Names(a_example=[]))


def test_a_name_that_cannot_be_asked_for_is_a_dns_failure():
    """A label too long for IDNA is told as an unknown name."""
    with pytest.raises(AddressError) as caught:
        find("a" * 64 + ".example", names=system_lookup)
    assert caught.value.kind is FailureKind.DNS


def test_a_name_is_asked_for_once():
    """Those who come at once share a question, later ones the answer; a failure is asked for again."""
    names = Names(a_example=["8.8.8.8"])
    book = AddressBook(lookup=names)

    async def ask():
        await asyncio.gather(*(book.find("a.example", 80) for _ in range(5)))
        await book.find("a.example", 80)
        for _ in range(2):
            with pytest.raises(AddressError):
                await book.find("b.example", 80)

    asyncio.run(ask())
    assert names.asked == ["a.example", "b.example", "b.example"]


def test_one_who_gives_up_takes_the_answer_from_nobody():
    """A cancelled wait leaves the question running for the others."""

    async def ask():
        gate = asyncio.Event()

        async def slow(host, port):
            await gate.wait()
            return ["8.8.8.8"]

        book = AddressBook(lookup=slow)
        first, second = (asyncio.create_task(book.find("a.example", 80)) for _ in range(2))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(first, 0.01)
        gate.set()
        return await second

    assert asyncio.run(ask()).addresses == ("8.8.8.8",)


def test_closing_gives_up_questions_under_way():
    """Nothing is left behind on the loop."""

    async def never(host, port):
        await asyncio.Event().wait()
        return []

    async def ask():
        book = AddressBook(lookup=never)
        waiting = asyncio.create_task(book.find("a.example", 80))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.01)
        await book.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(ask())


def test_the_address_that_answered_is_tried_first():
    """A dead first address costs its time only once."""
    book = AddressBook(lookup=Names(a_example=["8.8.8.8", "1.1.1.1"]))

    async def twice():
        target = await book.find("a.example", 80)
        book.prefer("a.example", target, "1.1.1.1")
        return await book.find("a.example", 80)

    assert asyncio.run(twice()).addresses == ("1.1.1.1", "8.8.8.8")


def test_the_system_resolver_gives_addresses_once():
    """A literal comes back as it is, once."""
    assert asyncio.run(system_lookup("127.0.0.1", 80)) == ["127.0.0.1"]
