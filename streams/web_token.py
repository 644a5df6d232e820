"""The token of the pages: set where others could read them, or else the start is refused."""

import re
from ipaddress import ip_address
from typing import Final

from streams.settings import Settings, SettingsError, secret_of

TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{16,}")


def token_of(settings: Settings) -> str | None:
    """The token that pages ask for, if any; SettingsError where there must be one."""
    if settings.web_port == 0:
        return None
    token = secret_of(settings, "web_token")
    if token is None and not _is_loopback(settings.web_host):
        raise SettingsError(
            "JOURNEY_WEB_HOST: whoever reaches it could read the metrics; "
            "set JOURNEY_WEB_TOKEN_FILE or JOURNEY_WEB_TOKEN, or listen on 127.0.0.1"
        )
    if token is not None and not TOKEN.fullmatch(token):
        raise SettingsError(
            "JOURNEY_WEB_TOKEN: must be 16 letters, digits or ._~+/=- at least; make one: openssl rand -hex 32"
        )
    return token


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name may come to mean anything
        return False
