"""Money as people read it: amounts are held in minor units, and what a minor unit is depends on the currency."""

from typing import Final

MINOR_DIGITS: Final = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
         "XOF", "XPF"), 0
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
"""How many digits of an amount are minor units, where not two. Source: ISO 4217, list one."""


def money(amount: float, currency: str | None) -> str:
    """An amount in whole major units: 123456 of EUR is 1,235. Without a currency it has two minor digits."""
    return _major(amount, currency, 0)


def exact_money(amount: int, currency: str | None) -> str:
    """An amount with all its digits and its currency: 123456 of EUR is 1,234.56 EUR."""
    return _major(amount, currency, _digits(currency)) + (f" {currency}" if currency else "")


def _digits(currency: str | None) -> int:
    return MINOR_DIGITS.get(currency or "", 2)


def _major(amount: float, currency: str | None, shown: int) -> str:
    return f"{amount / 10 ** _digits(currency):,.{shown}f}"
