"""Ids: of outputs, derived from their cause, and of messages, digested for the set of those already seen."""

from functools import lru_cache
from hashlib import blake2b


def output_id(account: str, rule: str, episode: int, what: str) -> str:
    """32 hex digits that follow from the cause alone: the same verdict has the same id, whoever computes it."""
    cause = "\x1f".join((account, rule, str(episode), what))
    return blake2b(cause.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=65_536)  # the same users come again, message ids do not
def user_digest(user: str) -> bytes:
    """Eight bytes for a user of an account."""
    return digest(user)


def digest(text: str) -> bytes:
    """Eight bytes for a message or user id; two ids of one account meet by chance once in 10^17 pairs."""
    return blake2b(text.encode(), digest_size=8).digest()
