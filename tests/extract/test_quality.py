"""How much of a page a capture shows."""

import pytest

from umecrawl.model.article import Outcome, Quality

LOCKED = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bron", '
    '"isAccessibleForFree": %s}</script>'
)


def test_a_whole_article_is_full_and_free(read, body):
    """Without any sign of a paywall there is none."""
    found = read(f"<html><body><h1>Bron</h1>{body}</body></html>")
    assert (found.outcome, found.quality) == (Outcome.ARTICLE, Quality.FULL)
    assert found.posts[0].paywall == "no"


def test_a_short_locked_text_is_a_teaser(read, body):
    """Not free and short: the rest was not sent."""
    found = read(
        f"<html><head>{LOCKED % 'false'}</head><body><h1>Bron</h1>{body}<div class='paywall'>"
        f"<p>Läs hela artikeln som prenumerant.</p></div></body></html>"
    )
    assert (found.quality, found.posts[0].paywall) == (Quality.TEASER, "hard")


def test_a_demand_to_pay_is_enough(read, body):
    """A page without data still shows its paywall."""
    prompt = "<div class='premium-box'><h3>Endast för prenumeranter</h3><p>Logga in för att läsa vidare.</p></div>"
    found = read(f"<html><body><h1>Bron</h1>{body}{prompt}</body></html>")
    assert (found.quality, found.posts[0].paywall) == (Quality.TEASER, "hard")
    assert "Logga in" not in found.posts[0].text


def test_hidden_text_is_read_and_called_soft(read, body):
    """A text that was sent but is covered by the paywall is archived whole."""
    covered = f"<div class='text paywall' data-locked='true' style='display:none'>{body}</div>"
    prompt = "<div class='paywall-prompt'><h3>Du har läst dina fria artiklar för i dag</h3></div>"
    found = read(
        f"<html><head>{LOCKED % 'false'}</head><body><article><h1>Bron</h1>"
        f"<p>Ingressen om bron, som är fri att läsa för alla.</p>{covered}{prompt}</article></body></html>"
    )
    assert (found.quality, found.posts[0].paywall) == (Quality.FULL, "soft")
    assert "Arbetet börjar i vår" in found.posts[0].text
    assert "fria artiklar" not in found.posts[0].text


def test_a_protected_post_shows_nothing_but_its_title(read):
    """A password form is not the text of a post."""
    form = "<form class='post-password-form'><p>Det här innehållet är lösenordsskyddat.</p></form>"
    markup = (
        f"<html><head><meta name='generator' content='WordPress 6'></head>"
        f"<body class='single postid-1'><h1 class='entry-title'>Skyddad: Bron</h1>"
        f"<div class='entry-content'>{form}</div></body></html>"
    )
    found = read(markup)
    assert (found.outcome, found.quality) == (Outcome.ARTICLE, Quality.TEASER)
    assert found.posts[0].text == ""


@pytest.mark.parametrize(
    ("title", "markup", "quality"),
    [
        (
            "Sidan kunde inte hittas",
            "<h1>Hoppsan! Sidan kunde inte hittas</h1><p>Artikeln finns inte längre.</p>",
            Quality.SOFT_404,
        ),
        ("404 - Page not found", "<h1>Page not found</h1><p>Nothing here.</p>", Quality.SOFT_404),
        ("Just a moment...", "<h1>tidning.example</h1><p>Checking your browser.</p>", Quality.CHALLENGE),
        ("Tidningen", "<script src='/cdn-cgi/challenge-platform/x.js'></script><p>Vänta.</p>", Quality.CHALLENGE),
        (
            "Innan du fortsätter",
            "<h1>Innan du fortsätter</h1><p>Vi använder kakor.</p><button>Godkänn alla</button>",
            Quality.CONSENT,
        ),
    ],
)
def test_what_stands_in_place_of_a_page_is_named(read, title, markup, quality):
    """An error, a challenge or a consent page sent with status 200 is no article and no loss of text."""
    found = read(
        f"<html><head><title>{title}</title></head><body>{markup}</body></html>", "https://tidning.example/umea/bron"
    )
    assert found.quality is quality
    assert found.outcome in {Outcome.ERROR_PAGE, Outcome.EMPTY}
    assert found.posts == ()


def test_a_consent_dialog_over_an_article_is_taken_off(read, body):
    """A banner on a page is not the page."""
    dialog = (
        "<div role='dialog' aria-modal='true' class='sp-consent'><h2>Vi värnar om din integritet</h2>"
        "<p>Vi och våra 134 partner lagrar och får åtkomst till information på din enhet.</p>"
        "<button>Godkänn alla</button></div>"
    )
    data = LOCKED % "true"
    found = read(f"<html><head>{data}</head><body>{dialog}<article><h1>Bron</h1>{body}</article></body></html>")
    assert (found.outcome, found.quality) == (Outcome.ARTICLE, Quality.FULL)
    assert "partner" not in found.posts[0].text


def test_an_article_about_missing_pages_is_an_article(read, body):
    """Words of an error page in a long text mean nothing."""
    found = read(
        f"<html><body><h1>404: när sidan inte finns</h1>{body * 6}</body></html>", "https://tidning.example/umea/om-404"
    )
    assert found.outcome is Outcome.ARTICLE


def test_a_paywall_without_a_name_is_told_by_its_demand_and_its_door(read, body):
    """A line that asks for a subscription beside the link to buy one, in whatever element."""
    prompt = (
        "<div class='x1'><h3>Läs hela artikeln</h3><p>Från 1 krona.</p><a href='/prenumerera'>Bli prenumerant</a></div>"
    )
    found = read(f"<html><body><article><h1>Bron</h1>{body}{prompt}</article></body></html>")
    assert (found.quality, found.posts[0].paywall) == (Quality.TEASER, "hard")


def test_an_article_about_paywalls_is_whole(read, body):
    """Words of a paywall in running text, and a login in the head of the page, ask for nothing."""
    about = (
        "<p>Läs hela artikeln, står det allt oftare, och <a href='https://branschen.example/rapport'>en "
        "rapport</a> visar "
        "att fyra av tio texter är endast för prenumeranter, medan resten är fria för alla att läsa.</p>"
        "<p>Endast för prenumeranter: orden syns på var tredje sida, och de flesta läsare vänder då.</p>"
    )
    head = "<header><a href='/logga-in'>Logga in för att läsa mer</a></header>"
    found = read(f"<html><body>{head}<article><h1>Bron</h1>{body}{about}</article></body></html>")
    assert (found.quality, found.posts[0].paywall) == (Quality.FULL, "no")


def test_a_part_that_is_not_free_declares_a_paywall(read, body):
    """Publishers mark the locked part of a free page (`hasPart`)."""
    data = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bron", "hasPart": '
        '{"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".lock"}}</script>'
    )
    found = read(f"<html><head>{data}</head><body><h1>Bron</h1>{body}</body></html>")
    assert (found.quality, found.posts[0].paywall) == (Quality.TEASER, "hard")


def test_an_article_of_which_only_the_consent_dialog_was_sent_is_named(read):
    """Data that call a page an article do not make a dialog its text."""
    data = LOCKED % "true"
    dialog = (
        "<div role='dialog' class='cmp'><h2>Vi värnar om din integritet</h2><p>Vi och våra 842 partner lagrar och får "
        "åtkomst till information på din enhet.</p><button>Godkänn alla</button></div>"
    )
    found = read(f"<html><head>{data}</head><body><h1>Bron</h1>{dialog}</body></html>")
    assert found.quality is Quality.CONSENT
    assert found.score == 0.0
