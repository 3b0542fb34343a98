"""Character encodings that a page may name: those of the web, and no other codec that Python happens to have."""

import codecs

# The encodings of the WHATWG Encoding Standard, as Python names them. Python has more, some of which raise whatever
# the error handler (idna, punycode, undefined) or give lone surrogates (utf-7, unicode-escape).
_ENCODINGS = frozenset(
    (  # noqa: SIM905 - a list of names reads best as text
        "utf-8 utf-16-le utf-16-be ascii iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 "
        "iso8859-8 iso8859-9 iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp866 cp874 cp1250 "
        "cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8-r koi8-u mac-roman mac-cyrillic gbk gb2312 "
        "gb18030 big5 big5hkscs euc_jp iso2022_jp shift_jis euc_kr tis-620"
    ).split()
)


def web_encoding(label: str) -> str | None:
    """Return Python's name of the encoding that a page's label means; nothing for one that the web does not know.

    Decoding with it and `errors="replace"` never raises.
    """
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return name if name in _ENCODINGS else None
