"""`hoploop lsp`: the language server that editors start."""

from __future__ import annotations

import os

import click

from hoploop.cli._help import ending


@click.command(epilog=ending("lsp"))
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this loopback port instead of stdin and stdout.")
def lsp(port: int | None) -> int:
    """Serve editors: findings while you type, completion, hover, go to definition, corrections.

    Editors start it themselves as a language server over stdin and stdout; docs/recipes/editors.md shows how.
    """
    from hoploop.editor.server import make_server
    from hoploop.plugin.registry import Registry

    server = make_server(Registry.installed(), os.environ)
    if port is None:
        server.start_io()
    else:
        server.start_tcp("127.0.0.1", port)
    return 0
