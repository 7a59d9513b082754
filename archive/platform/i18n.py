"""Marks text for people, so that extraction finds it. The web and the command line translate it at their edge."""

__all__ = ["_"]


def _(msgid: str) -> str:
    """Return `msgid` (simplified Chinese, the source language) unchanged; being called is what marks it."""
    return msgid
