"""`GET /-/sordino-consent.js`: the front-end kit's web component, for pages of any origin."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

COMPONENT_PATH: Final = "/-/sordino-consent.js"  # no channel has this name
_FILE: Final = Path(__file__).parent.parent / "kit" / "sordino-consent.js"


async def component(_request: web.Request) -> web.StreamResponse:
    """Send the script; a page loads it as a module, for which another origin needs the CORS header."""
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=3600",
    }
    return web.FileResponse(_FILE, headers=headers)
