"""The pages of a worker: metrics for those who hold the token, probes for all."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Final

import faust
from aiohttp import web
from faust.web import Request, Response, View
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.kafka.runtime import Runtime

PROBES: Final = ("/livez", "/readyz")
"""Open to all: they say ok or no, and a Kubernetes probe could send a token only if it stood in the manifest."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(token: str | None) -> list[object]:
    """The middleware that lets in only those who bear the token, where there is one."""
    if token is None:
        return []
    wanted = f"Bearer {token}".encode()

    @web.middleware
    async def ask(request: web.Request, handler: Handler) -> web.StreamResponse:
        said = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if request.path in PROBES or hmac.compare_digest(said, wanted):
            return await handler(request)
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})

    return [ask]


def add_pages(app: faust.App, runtime: Runtime) -> None:
    """Tell what Prometheus and an orchestrator ask."""

    @app.page("/metrics", name="metrics")
    async def metrics(view: View, request: Request) -> Response:  # noqa: ARG001
        return view.bytes(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @app.page("/livez", name="livez")
    async def livez(view: View, request: Request) -> Response:  # noqa: ARG001
        return _answer(view, runtime.is_live)

    @app.page("/readyz", name="readyz")
    async def readyz(view: View, request: Request) -> Response:  # noqa: ARG001
        return _answer(view, runtime.is_ready)


def _answer(view: View, good: bool) -> Response:  # noqa: FBT001 the answer to a yes-or-no question
    return view.text("ok" if good else "no", status=200 if good else 503)
