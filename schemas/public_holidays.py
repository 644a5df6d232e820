"""Public holidays by country and year, from the pinned `holidays`: equal wherever a journey runs."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from types import ModuleType
from warnings import catch_warnings, simplefilter


@cache
def regions() -> Mapping[str, Sequence[str]]:
    """Every country that is known, with its regions."""
    return dict(_library().list_supported_countries(include_aliases=False))


@lru_cache(maxsize=4096)
def public_holidays(place: str, year: int) -> frozenset[int]:
    """The days off in a year, as proleptic ordinals; `place` is a country, or a country and region: `DE-BY`.

    In years of which the library knows nothing there are none.
    """
    country, _, region = place.partition("-")
    with catch_warnings():
        simplefilter("ignore")  # of some countries it knows few years, and says so each time
        found = _library().country_holidays(country, subdiv=region or None, years=year, expand=False)
    return frozenset(day.toordinal() for day in found)


def _library() -> ModuleType:
    import holidays  # noqa: PLC0415  a tenth of a second, which no journey without holidays should wait for

    return holidays
