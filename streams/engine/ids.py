"""Ids: of outputs, derived from their cause, and of messages, digested for the set of those already seen."""

from functools import lru_cache
from hashlib import blake2b

from xxhash import xxh3_64_digest, xxh3_64_hexdigest


def output_id(account: str, rule: str, episode: int, what: str) -> str:
    """32 hex digits that follow from the cause alone: the same verdict has the same id, whoever computes it."""
    return blake2b(f"{account}\x1f{rule}\x1f{episode}\x1f{what}".encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=65_536)  # the same users come again, message ids do not
def user_digest(user: str) -> bytes:
    """Eight bytes for a user of an account."""
    return digest(user)


def digest(text: str) -> bytes:
    """Eight bytes for a message or user id; two ids of one account meet by chance once in 10^17 pairs."""
    return xxh3_64_digest(text.encode())


def digits(text: str) -> str:
    """The same as sixteen hexadecimal digits."""
    return xxh3_64_hexdigest(text.encode())
