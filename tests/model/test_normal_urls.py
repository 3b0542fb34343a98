"""The short ways through `normalize`, `host_of` and `resource_key` give what the long ways give."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.model import urls
from umecrawl.model.urls import InvalidUrlError, host_of, normalize, resource_key

HOSTS = st.from_regex(r"[a-z0-9.-]{1,12}\.(?:se|example|c|1|xn--p1ai)", fullmatch=True)
PATHS = st.text(alphabet="/.ab%2f;~#?&=_-!å ", max_size=20)


@given(st.sampled_from(["http://", "https://", "HTTPS://"]), HOSTS, PATHS)
def test_the_short_way_agrees_with_the_long_way(scheme, host, path):
    """A blank before the URL is stripped, and leads the long way round."""
    raw = f"{scheme}{host}/{path}"
    wanted = None
    with suppress(InvalidUrlError):
        wanted = normalize(" " + raw)
    for base in (None, "https://base.example/a/b"):
        found = None
        with suppress(InvalidUrlError):
            found = normalize(raw, base)
        assert found == wanted


_NEVER = re.compile("(?!)")


@given(
    st.sampled_from(["http://", "https://", "HTTP://"]),
    st.sampled_from(["", "www.", "u@", "u:p@", "1.2.3.", "[::1]."]),
    HOSTS,
    st.sampled_from(["", ":", ":0", ":80", ":443", ":8080", ":99999"]),
    PATHS,
)
def test_hosts_and_keys_are_the_same_by_both_ways(scheme, before, host, port, path):
    """Whatever stands in a URL: a user, an address, a port, no path at all."""
    url = f"{scheme}{before}{host}{port}{path}"
    short = (_key_of(url), host_of(url))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(urls, "_CANONICAL", _NEVER)
        patched.setattr(urls, "_PLAIN_HOST", _NEVER)
        assert short == (_key_of(url), host_of(url))


def _key_of(url):
    try:
        return resource_key(url)
    except InvalidUrlError:
        return None
