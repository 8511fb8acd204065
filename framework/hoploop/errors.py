"""The whole error tree; every error says who must act, carries a stable code and a hint."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from hoploop.codes import CODES


class Who(Enum):
    """Who has to do something about an error."""

    AUTHOR = "author"  # of the recipe or the connector
    VENUE = "venue"  # the outside world; usually heals by itself
    OPERATOR = "operator"
    BUG = "bug"


class HoploopError(Exception):
    """Base of every error Hoploop raises on purpose.

    `code` must be listed in `hoploop.codes`; `hint` defaults to the listed one.
    """

    who: ClassVar[Who] = Who.OPERATOR

    def __init__(self, code: str, message: str, *, hint: str | None = None) -> None:
        info = CODES[code]
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint if hint is not None else info.hint
        self.exit_code = info.exit_code

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"


class RecipeError(HoploopError):
    """The recipe cannot be used; `diagnostics` holds every finding with its place."""

    who = Who.AUTHOR

    def __init__(
        self, code: str, message: str, *, diagnostics: tuple[object, ...] = (), hint: str | None = None
    ) -> None:
        super().__init__(code, message, hint=hint)
        self.diagnostics = diagnostics


class PluginError(HoploopError):
    """A connector is unknown, duplicate, broken or incompatible."""

    who = Who.AUTHOR


class UnknownConnector(PluginError):
    """No connector has this key."""


class DuplicateConnector(PluginError):
    """Two connectors claim one key."""


class BrokenConnector(PluginError):
    """A connector failed to import or its manifest is invalid; it is never skipped."""


class IncompatibleConnector(PluginError):
    """The connector exists but cannot do what the recipe asks of it."""


class ConnectorError(HoploopError):
    """Something a connector talks to did not behave."""

    who = Who.VENUE


class TransientError(ConnectorError):
    """Worth another try after `retry_after_s` seconds; connectors retry these themselves."""

    def __init__(self, code: str, message: str, *, retry_after_s: float = 0.1, hint: str | None = None) -> None:
        super().__init__(code, message, hint=hint)
        self.retry_after_s = retry_after_s


class PermanentError(ConnectorError):
    """Trying again will not help."""


class DecodeError(ConnectorError):
    """Bytes from outside are not what their layout says."""


class MarketError(HoploopError):
    """The view of the market cannot be trusted."""

    who = Who.VENUE


class StaleState(MarketError):
    """State is older than the recipe's freshness limit."""


class GapDetected(MarketError):
    """A block or slot was missed; state must be read again before trading on it."""


class WrongChain(MarketError):
    """The endpoint serves another chain than the recipe names."""


class BuildError(HoploopError):
    """A transaction could not be built."""


class TransactionTooLarge(BuildError):
    """Over the chain's size or account limit."""


class MissingLookupTable(BuildError):
    """A needed address-lookup table is absent."""


class SignerUnavailable(BuildError):
    """The key for a wallet cannot be had."""


class RouteError(HoploopError):
    """A submission route did not take the transaction."""

    who = Who.VENUE


class Rejected(RouteError):
    """The route answered no."""


class RateLimited(RouteError):
    """The route asks to slow down."""


class Unreachable(RouteError):
    """No answer; whether bytes arrived is unknown."""


class GateClosed(HoploopError):
    """The gate does not let bytes leave; nothing was sent."""


class LedgerError(HoploopError):
    """The book cannot be trusted; trips the gate."""


class LocalError(HoploopError):
    """An embedded chain cannot be set up or used."""


class ControlError(HoploopError):
    """The control socket, lock or CLI could not do what was asked."""


class InvariantError(HoploopError):
    """A bug: trips the gate and is never caught below the supervisor."""

    who = Who.BUG
