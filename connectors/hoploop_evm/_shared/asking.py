"""What is asked of a node and how it says no; apart from the connection, so that a recipe check needs none."""

from __future__ import annotations

from typing import Any

from hoploop.errors import PermanentError

Call = tuple[str, list[Any]]
"""(method, params)"""


class NodeError(PermanentError):
    """The node understood and said no. `rpc_code` is its number, `text` its words, `data` whatever it added."""

    def __init__(self, method: str, rpc_code: int, text: str, data: Any) -> None:
        super().__init__("C103", f"{method}: {text} ({rpc_code})")
        self.rpc_code = rpc_code
        self.text = text
        self.data = data
