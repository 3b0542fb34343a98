"""The host and the site of a URL, also of what only looks like one."""

import pytest

from umecrawl.model.urls import host_of, site_of


@pytest.mark.parametrize("url", ["http://[::1", "http://[x]/", "javascript:alert(1)", "", "\x1b[2J"])
def test_what_is_no_url_has_no_host(url):
    """Other tools archive such targets; they must not end a run."""
    assert "" == host_of(url) == site_of(url)


def test_a_site_is_the_host_without_www():
    """Case and port are no part of it."""
    assert "blog.example" == site_of("https://WWW.Blog.example:8443/x")
