"""`danggui serve`: the web front end, with workers and keeper beside it."""

import logging
import signal
import threading
from typing import Any

import click
from waitress import create_server

from archive.cli.archive_parts import opened
from archive.cli.errors import CommandError
from archive.platform.jobs.supervisor import Supervisor, executors
from archive.platform.probing import probe_buckets
from archive.settings import Settings

__all__ = ["PROXY_HEADERS", "serve"]

_THREADS = 8

#: the server takes no proxy at its word, and leaves what they say to `request.address`, which knows the listed ones
PROXY_HEADERS = {"trusted_proxy": None, "clear_untrusted_proxy_headers": False}


@click.command()
@click.option("--listen", metavar="HOST:PORT", help="Address of the web front end; port 0 takes any free one.")
@click.pass_obj
def serve(settings: Settings, listen: str | None) -> None:
    """Serve the web front end until it is stopped (Ctrl+C, SIGTERM).

    \b
    Example:  danggui --data var serve --listen 127.0.0.1:6543
    """
    from archive.app import make_app

    logging.getLogger("archive").setLevel(logging.INFO)
    with opened(settings) as parts:
        probe_buckets(parts)
        server = _server(make_app(parts), listen or settings.listen)
        with Supervisor(settings, ["keeper", *executors(settings)]):
            _stop_on_signal()
            click.echo(f"http://{server.effective_host}:{server.effective_port}/")
            server.run()
            server.close()


def _server(app: Any, listen: str) -> Any:
    """Bound to its address. Raises CommandError where that is none, or is taken."""
    try:
        return create_server(app, listen=listen, threads=_THREADS, ident="danggui", **PROXY_HEADERS)
    except (ValueError, OSError) as error:
        raise CommandError(f"cannot listen on {listen}: {error}") from error


def _stop_on_signal() -> None:
    def stop(_number: int, _frame: object) -> None:
        raise SystemExit(0)  # waitress ends its loop and lets running requests finish

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
