"""Headers on every answer: nothing foreign runs on our pages, and nothing of what they show is kept by a browser."""

from pyramid.config import Configurator
from pyramid.events import NewResponse

__all__ = ["includeme"]

# Styles set from scripts (the viewer places itself) are allowed by every browser without 'unsafe-inline'.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # the digest is that of nothing: an empty style element, which keeps the viewer from adding one with content
        "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def includeme(config: Configurator) -> None:
    """Add the headers."""
    config.add_subscriber(_protect, NewResponse)


def _protect(event: NewResponse) -> None:
    headers = event.response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
