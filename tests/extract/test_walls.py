"""What stands in place of a page, and pages that only speak of such things."""

import pytest

from umecrawl.extract.markup import parse
from umecrawl.extract.walls import wall_of
from umecrawl.model.article import Quality


def quality(title, body, head=""):
    """Return the quality that a made-up page is given as a wall; nothing where it is none."""
    markup = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    document = parse(markup.encode())
    assert document is not None
    wall = wall_of(document.root)
    return wall.quality if wall is not None else None


NOINDEX = '<meta name="robots" content="noindex, follow">'

WALLS = {
    "cloudflare": (
        "Just a moment...",
        (
            "<h1>tidning.example</h1><p>Verifying you are human. This may take a few seconds.</p>"
            "<script>window._cf_chl_opt = {}</script>"
        ),
        Quality.CHALLENGE,
    ),
    "cloudflare blocked": (
        "Attention Required! | Cloudflare",
        "<h1>Sorry, you have been blocked</h1><p>You are unable to access tidning.example</p><p>Ray ID: 8a1</p>",
        Quality.CHALLENGE,
    ),
    "akamai": (
        "Access Denied",
        "<h1>Access Denied</h1><p>You don't have permission to access this server. Reference #18.2f</p>",
        Quality.CHALLENGE,
    ),
    "imperva": (
        "",
        "<iframe src='/_Incapsula_Resource?SWUDNSAI=31'>Request unsuccessful. Incapsula incident ID: 1</iframe>",
        Quality.CHALLENGE,
    ),
    "datadome": (
        "tidning.example",
        (
            "<p>Please enable JS and disable any ad blocker</p><script "
            "src='https://ct.captcha-delivery.com/c.js'></script>"
        ),
        Quality.CHALLENGE,
    ),
    "swedish captcha": (
        "Är du en robot?",
        "<h1>Är du en robot?</h1><p>Vi har sett ovanlig trafik från din adress.</p><div class='g-recaptcha'></div>",
        Quality.CHALLENGE,
    ),
    "consent, one house": (
        "Vi värnar om din integritet",
        (
            "<h1>Vi värnar om din integritet</h1><p>Vi och våra 842 partner lagrar och får åtkomst till information på "
            "din "
            "enhet.</p><button>Inställningar</button><button>Godkänn alla</button>"
        ),
        Quality.CONSENT,
    ),
    "consent, another house": (
        "Bladet",
        (
            "<div id='cmp-consent-page'><h2>Vi bryr oss om din integritet</h2><p>Vi använder cookies för att anpassa "
            "innehåll och annonser. Du ger ditt samtycke genom att fortsätta.</p>"
            "<a href='?ok=1'>Acceptera alla</a></div>"
            "<footer>Ansvarig utgivare</footer>"
        ),
        Quality.CONSENT,
    ),
    "not found": (
        "Sidan kunde inte hittas - Bladet",
        "<h1>Sidan kunde inte hittas</h1><p>Kontrollera adressen eller gå till startsidan.</p>",
        Quality.SOFT_404,
    ),
    "not found, with advice": (
        "Sidan hittades inte",
        "<h1>Hoppsan</h1><p>Prova att söka.</p>",
        Quality.SOFT_404,
    ),
    "taken offline, told below the heading": (
        "Bladet",
        "<nav><a href='/'>Bladet</a></nav><h1>Hoppsan!</h1><p>Den här artikeln är avpublicerad.</p>",
        Quality.SOFT_404,
    ),
    "parked": (
        "namnet.example",
        "<h1>namnet.example</h1><p>Domänen är till salu. Köp domänen i dag.</p>",
        Quality.SOFT_404,
    ),
    "maintenance": ("Underhåll", "<h1>Underhåll</h1><p>Vi är snart tillbaka.</p>", Quality.ERROR),
    "database": (
        "Database Error",
        "<h1>Error establishing a database connection</h1>",
        Quality.ERROR,
    ),
    "login": (
        "Logga in - Bladet",
        (
            "<h1>Logga in</h1><form action='/login'><input name='u'><input type='password' name='p'>"
            "<button>Logga in</button></form>"
        ),
        Quality.TEASER,
    ),
    "shell": (
        "Bladet",
        (
            "<noscript>Du måste aktivera JavaScript för att använda sidan.</noscript><div id='root'></div>"
            "<script src='/main.js'></script>"
        ),
        Quality.EMPTY,
    ),
    "shell that says so": (
        "Bladet",
        "<p>You need to enable JavaScript to run this app.</p><script src='/main.js'></script>",
        Quality.EMPTY,
    ),
}


@pytest.mark.parametrize(("title", "body", "wanted"), WALLS.values(), ids=WALLS)
def test_a_wall_is_named(title, body, wanted):
    """Each kind of wall is known by its few words and by what it has besides them."""
    assert quality(title, body) is wanted


def test_an_instruction_not_to_index_confirms_that_a_page_is_missing():
    """A title alone may be a headline; with `noindex` it is an error page."""
    body = "<h1>Hoppsan!</h1><p>Här var det tomt.</p>"
    assert quality("Sidan finns inte", body) is None
    assert quality("Sidan finns inte", body, NOINDEX) is Quality.SOFT_404


STORY = (
    "<p>{} I tre år har kommunens jurister granskat hur sajterna i länet gör, och i går kom rapporten, som "
    "visar att hälften av dem bryter mot reglerna och att få har rättat felen.</p>"
    "<p>Det säger Ada Lind, som ledde arbetet, och hon vill se en ändring redan i vår, innan de nya kraven "
    "börjar gälla för alla myndigheter och för de flesta företag i landet.</p>"
)
BANNER = (
    "<div class='cookie-banner'><p>Vi använder cookies för att sajten ska fungera.</p>"
    "<button>Godkänn alla</button></div>"
)

NEAR = {
    "about cookies": ("Vi använder cookies för mycket", STORY.format("Du måste godkänna allt.")),
    "about cookies, under a banner": (
        "Vi använder cookies för mycket",
        STORY.format("Acceptera alla, står det.") + BANNER,
    ),
    "under a banner in no box": (
        "Bron öppnar",
        STORY.format("Bron är klar.") + "<p>Vi använder cookies.</p><button>Godkänn</button>",
    ),
    "about missing pages": ("404: sidan finns inte längre", STORY.format("Sidan kunde inte hittas, fick många se.")),
    "about robots": ("Är du en robot?", STORY.format("Frågan ställs allt oftare, och captcha är svaret.")),
    "about maintenance": ("Underhåll av vägarna", STORY.format("Vägarna underhålls för dåligt.")),
    "about passwords": ("Logga in säkrare", STORY.format("Använd långa lösenord.")),
    "a short note": ("Öppet hus", "<h1>Öppet hus</h1><p>Välkommen på söndag klockan tio.</p>"),
    "a contact form": (
        "Kontakta oss",
        (
            "<h1>Kontakta oss</h1><form><textarea></textarea><div class='g-recaptcha'></div></form><p>Vi svarar i "
            "mån av tid.</p>"
        ),
    ),
    "a page whose host checks browsers": (
        "Öppet hus",
        (
            "<h1>Öppet hus</h1><p>Välkommen på söndag.</p><script "
            "src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
        ),
    ),
    "an article with a login in its head": (
        "Bron öppnar",
        "<header><form><input type='password'><button>Logga in</button></form></header>"
        + STORY.format("Bron är klar."),
    ),
    "a shop of domains in the news": ("Domänen är såld", STORY.format("Namnet var länge till försäljning.")),
}


@pytest.mark.parametrize(("title", "body"), NEAR.values(), ids=NEAR)
def test_a_page_that_only_looks_like_a_wall_is_none(title, body):
    """An article about cookies, robots or missing pages, a short note and a form stay pages."""
    head = f"<h1>{title}</h1>" if "<h1>" not in body else ""
    assert quality(title, head + body) is None
