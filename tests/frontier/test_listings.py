"""Pages that list pages: their kinds, their doubles, and how many are worth asking for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.frontier.address import address_of
from umecrawl.frontier.listings import Budget, ListingKind, listing_kind, page_number, same_list
from umecrawl.model.urls import Url, canonicalize, normalize

BLOG = "https://blog.example"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", None),
        ("/2022/05/18/post/", None),
        ("/2022/05/18/tag/", None),
        ("/om-oss/", None),
        ("/page/2/", "pages"),
        ("/nyheter/?paged1=3", "pages"),
        ("/arkiv/?cst&query-7-page=2", "pages"),
        ("/category/aktuellt/page/11", "category"),
        ("/kategori/opinion/", "category"),
        ("/anna/tag/umea/", "tag"),
        ("/tag/umea/page/4", "tag"),
        ("/author/expenumea/", "author"),
        ("/2022/", "date"),
        ("/anna/2022/05/", "date"),
        ("/2022/05/18/", "date"),
        ("/2022/05/page/2/", "date"),
        ("/?cat=2", "category"),
        ("/?m=202205", "date"),
    ],
)
def test_a_listing_is_known_by_its_address(path, kind):
    """Category, tag, author, date and page number are told from pages of their own."""
    assert listing_kind(address_of(Url(BLOG + path))) == kind


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/arkiv/", "/arkiv/"),
        ("/arkiv/?cst", "/arkiv/"),
        ("/arkiv/?query-7-page=1", "/arkiv/"),
        ("/arkiv/?query-7-page=2&cst", "/arkiv/?query-7-page=2"),
        ("/arkiv/?cst&query-9-page=1&query-7-page=2", "/arkiv/?query-7-page=2"),
        ("/nyheter/?paged2=4&paged1=1", "/nyheter/?paged2=4"),
        ("/list?page=1", "/list?page=1"),
        ("/list?page=0&x=1", "/list?page=0&x=1"),
    ],
)
def test_counters_at_their_first_value_say_nothing(path, same):
    """Only counters that are known to begin at 1 are dropped; elsewhere page 1 may be the second."""
    assert same_list(address_of(Url(BLOG + path))) == BLOG + same


@given(st.lists(st.sampled_from(["cst", "paged1=1", "paged2=2", "query-7-page=0", "x=1", "page=1"]), max_size=5))
def test_the_same_list_has_itself_as_the_same(parameters):
    """Dropping what says nothing twice drops no more."""
    url = Url(f"{BLOG}/list?{'&'.join(parameters)}" if parameters else f"{BLOG}/list")
    once = same_list(address_of(url))
    assert same_list(address_of(once)) == once == canonicalize(once)


def test_a_kind_that_finds_nothing_is_asked_a_hundred_times():
    """Each page that only this kind led to buys five more; other kinds and sources have their own account."""
    budget = Budget()
    for _ in range(100):
        assert budget.exhausted("blog", ListingKind.TAG) == ""
        budget.asked("blog", ListingKind.TAG)
    assert "100 listings" in budget.exhausted("blog", ListingKind.TAG)
    assert budget.exhausted("blog", ListingKind.DATE) == ""
    assert budget.exhausted("other", ListingKind.TAG) == ""
    budget.found("blog", ListingKind.TAG)
    for _ in range(5):
        assert budget.exhausted("blog", ListingKind.TAG) == ""
        budget.asked("blog", ListingKind.TAG)
    assert budget.exhausted("blog", ListingKind.TAG)


@pytest.mark.parametrize(
    ("root", "url", "number"),
    [
        ("https://blog.example/", "https://blog.example/", 1),
        ("https://blog.example/", "http://www.blog.example/page/12/", 12),
        ("https://blog.example/anna/", "https://blog.example/anna/page/2", 2),
        ("https://blog.example/anna/", "https://blog.example/page/2", None),
        ("https://blog.example/anna/", "https://blog.example/anna/tag/x/page/2/", None),
        ("https://blog.example/", "https://blog.example/?paged=3", 3),
        ("https://blog.example/", "https://blog.example/?paged1=3&paged2=2", None),
        ("https://blog.example/", "https://blog.example/?p=3", None),
        ("https://blog.example/", "https://paper.example/page/2/", None),
        ("https://blog.example/", "https://blog.example/page/x/", None),
    ],
)
def test_a_further_page_of_a_list_is_known_by_its_address(root, url, number):
    """Below the root, or by a single counter."""
    assert page_number(address_of(normalize(root)), address_of(normalize(url))) == number
