"""The names of months and weekdays in the languages of the Nordic countries and their neighbours."""

import re

from umecrawl.extract.text import small

# ruff: noqa: RUF001 - Turkish has a letter that others take for an i

_MONTHS = {
    small(name): number
    for number, names in enumerate(
        (
            "januari jan january januar tammikuuta tammikuu jänner janvier enero gennaio janeiro ocak stycznia",
            "februari feb february februar helmikuuta helmikuu février fevrier febrero febbraio fevereiro şubat lutego",
            "mars mar march marts maaliskuuta maaliskuu märz maerz mrz marzo março maart mart marca",
            "april apr huhtikuuta huhtikuu avril abril aprile nisan kwietnia",
            "maj may mai toukokuuta toukokuu mayo maggio maio mei mayıs maja",
            "juni jun june kesäkuuta kesäkuu juin junio giugno junho haziran czerwca",
            "juli jul july heinäkuuta heinäkuu juillet julio luglio julho temmuz lipca",
            "augusti aug august elokuuta elokuu août aout agosto augustus ağustos sierpnia",
            "september sep sept syyskuuta syyskuu septembre septiembre settembre setembro eylül września",
            "oktober okt october oct lokakuuta lokakuu octobre octubre ottobre outubro ekim października",
            "november nov marraskuuta marraskuu novembre noviembre novembro kasım listopada",
            (
                "december dec desember dez des joulukuuta joulukuu dezember décembre diciembre dicembre "
                "dezembro aralık grudnia"
            ),
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    small(name): number
    for number, names in enumerate(
        (
            "måndag måndags mandag mon monday montag maanantai maanantaina",
            "tisdag tisdags tirsdag tue tuesday dienstag tiistai tiistaina",
            "onsdag onsdags wed wednesday mittwoch keskiviikko keskiviikkona",
            "torsdag torsdags thu thursday donnerstag torstai torstaina",
            "fredag fredags fri friday freitag perjantai perjantaina",
            "lördag lördags lørdag sat saturday samstag lauantai lauantaina",
            "söndag söndags søndag sun sunday sonntag sunnuntai sunnuntaina",
        )
    )
    for name in names.split()
}
# Patterns without groups, longest first: `sept` before `sep`.
MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
WEEKDAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_DOT = re.compile(r"\.$")


def month_number(name: str) -> int:
    """Return the number of a month (1-12) by its name or abbreviation in any case; KeyError for another word."""
    return _MONTHS[_DOT.sub("", small(name))]


def weekday_number(name: str) -> int:
    """Return the number of a weekday, Monday 0, by its name in any case; KeyError for another word."""
    return _WEEKDAYS[small(name)]
