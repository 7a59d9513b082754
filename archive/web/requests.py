"""Requests whose words can be read: an address or a form that is no text is refused, never a fault of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.request import Request

__all__ = ["ReadableRequest"]


class ReadableRequest(Request):  # type: ignore[misc]  # pyramid has no types
    """A request that says 400 where its parameters are not UTF-8 or its form is not whole."""

    def __init__(self, environ: dict[str, Any], *rest: Any, **more: Any) -> None:
        # A path that is no UTF-8 leads nowhere, like any other that does not exist.
        path = environ.get("PATH_INFO", "")
        environ["PATH_INFO"] = path.encode("latin-1").decode("utf-8", "replace").encode().decode("latin-1")
        super().__init__(environ, *rest, **more)

    @property
    def GET(self) -> Any:  # noqa: N802 - the library's name
        """The parameters of the address. Raises HTTPBadRequest."""
        with _refusing():
            return super().GET

    @property
    def POST(self) -> Any:  # noqa: N802 - the library's name
        """The fields of the form. Raises HTTPBadRequest."""
        given = self.body_file_raw
        try:
            with _refusing():
                return super().POST
        finally:
            # Forms are read into a temporary file, which is nobody else's to close; what the server gave is its own.
            if self.body_file_raw is not given:
                self.add_finished_callback(lambda ended: ended.body_file_raw.close())


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    # The library raises the warning for a form in another encoding.
    except (ValueError, DeprecationWarning) as error:
        raise HTTPBadRequest from error
