"""Which address a host is reached at: name resolution with a cache, host mappings, and no private addresses unasked.

A page may link to `http://127.0.0.1:8080/` or to a name that resolves to the router's address; an archive that
follows such a link would publish what only its own machine may see. So addresses that are not globally reachable are
refused, unless the user named the host (as a seed) or the address (with `--connect-to`).
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from umecrawl.errors import UmecrawlError, UsageError
from umecrawl.model.capture import FailureKind

# Seconds for which a name is not asked for again within a run.
CACHE_SECONDS = 600.0

_CONNECT_TO = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*):([^:]*):(\[[^\[\]]*\]|[^:\[\]]*):([^:]*)")
_MAX_PORT = 65_535
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """One mapping, as curl's `--connect-to`: requests for `host` and `port` go to `to_host` and `to_port` instead.

    An empty `host` or no `port` matches all; an empty `to_host` or no `to_port` leaves that part as it is.
    URL, Host field, SNI and records keep the real name.
    """

    host: str
    port: int | None
    to_host: str
    to_port: int | None

    def matches(self, host: str, port: int) -> bool:
        """Return whether requests for this host (lower case, no brackets) and port are mapped."""
        return self.host in {"", host} and self.port in {None, port}


def parse_connect_to(text: str) -> ConnectTo:
    """Read a mapping `HOST:PORT:ADDR:PORT`, IPv6 addresses in brackets.

    Raises `UsageError` when it is not of that form.
    """
    hint = "Write HOST:PORT:ADDR:PORT, as example.org:443:127.0.0.1:8443; leave a part empty to match or keep any."
    match = _CONNECT_TO.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"not a connection mapping: {text!r}", hint=hint)
    host, to_host = (_bare_host(part, text, hint) for part in (match[1], match[3]))
    port, to_port = (_port(part, text, hint) for part in (match[2], match[4]))
    return ConnectTo(host, port, to_host, to_port)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect for one origin: addresses in the order in which they are tried, and the port."""

    addresses: tuple[str, ...]
    port: int


class AddressError(UmecrawlError):
    """A host cannot be reached by rule or by name: `kind` says whether it is unknown or forbidden."""

    def __init__(self, kind: FailureKind, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


def is_public(address: str) -> bool:
    """Return whether an IP address is globally reachable, also by the IPv4 address that an IPv6 address may carry."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(part.is_global and not part.is_multicast for part in (ip, *_carried(ip)))


class AddressBook:
    """Resolves the hosts of one run: mappings first, then a cache of names, then the system's resolver."""

    def __init__(
        self,
        connect_to: Iterable[ConnectTo] = (),
        named_hosts: Iterable[str] = (),
        *,
        lookup: Lookup | None = None,
    ) -> None:
        """Take mappings in order of precedence and the hosts that may be private; `lookup` replaces the resolver."""
        self._connect_to = tuple(connect_to)
        self._named = frozenset(host.strip("[]").lower() for host in named_hosts)
        self._lookup = lookup or system_lookup
        self._names: dict[tuple[str, int], tuple[float, asyncio.Task[list[str]]]] = {}
        self._preferred: dict[tuple[str, int], str] = {}

    async def find(self, host: str, port: int) -> Target:
        """Return where the origin `host` (lower case, no brackets) and `port` is reached.

        Raises `AddressError` when the name is unknown, or when all its addresses are private and nobody named them.
        """
        named = host in self._named
        for mapping in self._connect_to:
            if mapping.matches(host, port):
                named = named or bool(mapping.to_host)
                host = mapping.to_host or host
                port = port if mapping.to_port is None else mapping.to_port
                break
        literal = _literal(host)
        addresses = [literal] if literal else await self._resolve(host, port)
        allowed = addresses if named else [address for address in addresses if is_public(address)]
        if not allowed:
            raise AddressError(
                FailureKind.FORBIDDEN_ADDRESS,
                f"{host} is at {', '.join(addresses)}, which is not a public address",
                hint="Name the host as a seed, or the address with --connect-to, if it is to be archived.",
            )
        preferred = self._preferred.get((host, port))
        return Target(tuple(sorted(allowed, key=lambda address: address != preferred)), port)

    def prefer(self, host: str, target: Target, address: str) -> None:
        """Remember the address that answered, so that a dead one is not tried first again."""
        if len(target.addresses) > 1:
            self._preferred[host, target.port] = address

    async def _resolve(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        known = self._names.get((host, port))
        if known is None or known[0] < loop.time():
            # One task for all who wait for the name; shielded, so that one who gives up takes it from nobody.
            known = (loop.time() + CACHE_SECONDS, loop.create_task(self._ask(host, port)))
            self._names[host, port] = known
        try:
            return await asyncio.shield(known[1])
        except AddressError:
            # A name that is unknown now may be known at the next attempt.
            self._names.pop((host, port), None)
            raise

    async def _ask(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._lookup(host, port)
        except (OSError, UnicodeError) as error:
            raise AddressError(FailureKind.DNS, f"the host name {host} cannot be resolved ({error})") from error
        if not addresses:
            raise AddressError(FailureKind.DNS, f"the host name {host} has no address")
        return addresses

    async def close(self) -> None:
        """Give up the look-ups under way."""
        tasks = [task for _, task in self._names.values()]
        self._names.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def system_lookup(host: str, port: int) -> list[str]:
    """Return the addresses of a name in the order of the system's resolver (RFC 6724), each once."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for _, _, _, _, sockaddr in found))


def _carried(ip: IpAddress) -> tuple[IpAddress, ...]:
    if isinstance(ip, ipaddress.IPv4Address):
        return ()
    carried = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        carried.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return tuple(address for address in carried if address is not None)


def _literal(host: str) -> str | None:
    try:
        return ipaddress.ip_address(host).compressed
    except ValueError:
        return None


def _bare_host(part: str, text: str, hint: str) -> str:
    host = part.lower()
    if host.startswith("["):
        host = host[1:-1]
        try:
            return ipaddress.IPv6Address(host).compressed
        except ValueError as error:
            raise UsageError(f"no IPv6 address in brackets in the connection mapping {text!r}", hint=hint) from error
    return host


def _port(part: str, text: str, hint: str) -> int | None:
    if not part:
        return None
    if not (part.isascii() and part.isdigit()) or not 0 < int(part) <= _MAX_PORT:
        raise UsageError(f"{part!r} is no port in the connection mapping {text!r}", hint=hint)
    return int(part)
