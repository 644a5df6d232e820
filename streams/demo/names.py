"""Names for companies and people."""

from collections.abc import Iterator
from random import Random
from typing import Final

FIRST: Final = """
ada alan amara anna arjun bea ben bo cai carla chen dana dev eli elena emil eva farah finn gita hana hugo ida ines
ivan jack jana jonas joy kai karim kira lara lea leon lin lucas maja marco maya mei mia milan mina nadia nils noor
olga omar otto paula pia priya quinn rafa rana rosa ruth sami sara sofia tariq tess theo tom uma vera wanda yusuf zoe
"""
_HEAD: Final = """
Alder Amber Arbor Aster Basalt Birch Bright Cedar Cobalt Copper Coral Delta Ember Fern Flint Harbor Hazel Indigo
Juniper Lark Linden Maple Meadow Mistral Nimbus North Onyx Opal Orchard Pine Quartz River Saffron Sable Sierra
Silver Slate Solar Summit Tidal Umber Vale Willow Zephyr
"""
_TAIL: Final = "Analytics Bank Care Cloud Foods Freight Health Labs Logistics Media Retail Robotics Systems Travel"


def company_names(random: Random) -> Iterator[str]:
    """Company names without end and without repetition; past the plain ones, numbered."""
    plain = [f"{head} {tail}" for head in _HEAD.split() for tail in _TAIL.split()]
    random.shuffle(plain)
    yield from plain
    number = 2
    while True:
        yield from (f"{name} {number}" for name in plain)
        number += 1


def slug(name: str) -> str:
    """The account id of a company."""
    return name.lower().replace(" ", "-")
