"""Where a URL leads, without asking anyone."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_OPEN = ("http", "ws")


def is_local(url: str) -> bool:
    """True for URLs of this machine, and for what is no URL."""
    host = _host(url)
    if not host or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def open_scheme(url: str) -> str:
    """The scheme of a URL whose words others can read and change on their way to another machine; else empty."""
    scheme, separator, _ = url.partition("://")
    return scheme if separator and scheme.lower() in _OPEN and not is_local(url) else ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "") if "://" in url else ""
    except ValueError:
        return "?"
