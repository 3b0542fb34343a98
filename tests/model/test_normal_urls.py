"""The short way through `normalize` gives what the long way gives."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from umecrawl.model.urls import InvalidUrlError, normalize

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
