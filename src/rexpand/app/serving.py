"""The server of the page: on this machine only, and with nothing else to be had from it.

Gradio brings many addresses besides the page: uploads, files, a proxy, recordings. What
the page itself does not ask for is not answered.
"""

import asyncio
import errno
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from rexpand.app.layout import resource
from rexpand.app.library import gradio
from rexpand.app.offer import Offer
from rexpand.app.page import page
from rexpand.cost import Peaks
from rexpand.errors import MistakeError
from rexpand.report.rendering import vega_javascript

LOCAL = "127.0.0.1"
PORT = 7860
_PEAK_SECONDS = 0.3

_SERVED = re.compile(
    r"/|/config/?|/theme\.css|/manifest\.json|/favicon\.ico|/robots\.txt"
    r"|/(assets|static|rexpand|svelte)/[^/].*"
    r"|/gradio_api/(info|startup-events|app_id|heartbeat/[^/]+|theme\.css)/?"
    r"|/gradio_api/(run/[^/]+|component_server|queue/(join|data)|reset)/?"
)
# The page loads nothing from elsewhere, and the browser is told so. Gradio and Vega
# compile expressions, hence unsafe-eval.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)

Scope = dict[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


def application(offer: Offer, peaks: Peaks | None = None) -> Any:
    """The page as an ASGI application; without peaks this machine's are measured.

    Raises MissingExtraError without the `app` extra.
    """
    gradio()
    if peaks is None:
        from rexpand.trace import measured_peaks

        peaks = measured_peaks(_PEAK_SECONDS)
    # Outside a running event loop Gradio makes loops that it never closes.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, _made(offer, peaks)).result()


async def _made(offer: Offer, peaks: Peaks) -> Any:
    gr = gradio()
    from fastapi import FastAPI

    app = FastAPI(openapi_url=None)
    # Vega's own names would meet those of Gradio's page; what it gives is on `window`.
    _add_script(app, "vega.js", f"(() => {{{vega_javascript()}\n}})();")
    _add_script(app, "explorer.js", resource("explorer.js"))
    mounted = gr.mount_gradio_app(
        app,
        page(offer, peaks),
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        show_error=False,
        theme=_theme(gr),
        css=resource("explorer.css"),
    )
    mounted.add_middleware(_Gate)
    return mounted


def _add_script(app: Any, name: str, text: str) -> None:
    from fastapi.responses import Response

    def script() -> Any:
        return Response(text, media_type="text/javascript")

    app.get(f"/rexpand/{name}", response_model=None)(script)


@contextmanager
def served(
    app: Any, *, host: str = LOCAL, port: int = PORT, taken: socket.socket | None = None
) -> Iterator[str]:
    """The address of the application, which is served inside the `with`.

    Port 0 is any free one; a socket that was `taken` before is served instead. Raises
    as `listening`.
    """
    import uvicorn

    found = listening(host, port) if taken is None else taken
    name, number = found.getsockname()[:2]
    config = uvicorn.Config(
        app,
        log_level="critical",
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=1,  # an open page keeps a connection
    )
    server = uvicorn.Server(config)
    # Not in the main thread, so that signals stay with whoever serves.
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [found]}, daemon=True
    )
    thread.start()
    try:
        yield f"http://{name}:{number}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        found.close()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on the port: it is taken before anything else is done.

    Raises MistakeError for a port that cannot be had.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as refused:
        found.close()
        in_use = refused.errno == errno.EADDRINUSE
        why = "is in use" if in_use else f"cannot be had ({refused.strerror})"
        raise MistakeError(
            f"port {port} {why}; give another one, or --port 0 for any that is free"
        ) from refused
    return found


class _Gate:
    """Answers what the page asks for, and 403 for the rest."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        is_page = scope["type"] == "http" and _SERVED.fullmatch(scope["path"])
        if not (is_page and _is_own_name(scope)):
            await _refuse(send)
            return

        async def with_headers(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_own_name(scope: Scope) -> bool:
    """Whether a server of this machine alone was asked under this machine's name.

    A page from elsewhere can give its own name the address 127.0.0.1, and would then
    read what is served here.
    """
    if scope["server"][0] != LOCAL:
        return True
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    return host.partition(":")[0] in (LOCAL, "localhost")


async def _refuse(send: Any) -> None:
    await send({"type": "http.response.start", "status": 403, "headers": []})
    await send({"type": "http.response.body", "body": b"not part of the explorer"})


def _theme(gr: Any) -> Any:
    """Gradio's plain theme in the system's own fonts: none is loaded."""
    sans = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Arial", "sans-serif")
    mono = ("ui-monospace", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")
    return gr.themes.Default(
        primary_hue="blue", neutral_hue="slate", font=sans, font_mono=mono
    )
