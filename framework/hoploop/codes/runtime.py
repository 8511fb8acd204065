"""Error codes G…: runtime, gate, control socket and commands."""

from __future__ import annotations

from hoploop.codes._info import BUG, INVALID, IO_ERROR, UNREACHABLE, USAGE, CodeInfo

CODES: dict[str, CodeInfo] = {
    "G101": CodeInfo("the gate is dry", "arm it: hoploop arm RECIPE (mode live or paper only)"),
    "G102": CodeInfo("the gate is paused", "hoploop resume RECIPE"),
    "G103": CodeInfo("the gate is tripped", "find out why in the log, then: hoploop run --clear-trip YOUR_NAME RECIPE"),
    "G104": CodeInfo("this move of the gate is not allowed", "hoploop status shows the gate's state"),
    "G105": CodeInfo("the recipe's mode does not allow arming", "set mode: paper or mode: live in the recipe"),
    "G106": CodeInfo("the typed recipe name does not match", "type the name after `recipe:` in the file", USAGE),
    "G107": CodeInfo("recovery is not finished", "attempts of an earlier run must reach a final state first; see the log"),
    "G111": CodeInfo("the proposed change is stale", "the engine runs another plan by now: plan and apply again"),
    "G112": CodeInfo("this change needs a restart", "stop the engine and run the changed recipe", USAGE),
    "G113": CodeInfo("this change raises risk", "look at the plan, then: hoploop apply RECIPE --accept-risk"),
    "G114": CodeInfo("the changed components are not healthy", "nothing was changed; see the message and the log"),
    "G115": CodeInfo("attempts under way did not end in time", "nothing was changed; apply again when they are settled"),
    "G201": CodeInfo("no engine is running for this recipe", "start it: hoploop run RECIPE", UNREACHABLE),
    "G202": CodeInfo("the engine did not answer in time", "is the process alive? hoploop kill and SIGUSR1 need no answer", UNREACHABLE),
    "G203": CodeInfo("another engine runs this recipe", "stop it first (hoploop kill) or use another --state-dir", INVALID),
    "G204": CodeInfo("the control socket's path is too long", "set HOPLOOP_STATE to a shorter folder", IO_ERROR),
    "G205": CodeInfo("a request on the control socket is not understood", "client and engine must have the same version", USAGE),
    "G206": CodeInfo("the state folder cannot be used", "check that it exists, is yours and is writable", IO_ERROR),
    "G207": CodeInfo("what answers on the control socket is not an engine of this version", "restart engine and console with one version", UNREACHABLE),
    "G208": CodeInfo("a console recording cannot be used", "write one with: hoploop console --record FILE", USAGE),
    "G301": CodeInfo("a secret cannot be resolved", "backends: env/NAME, file/PATH (mode 0600), embedded/NAME (local chains only)", INVALID),
    "G302": CodeInfo("a key does not belong to the address in the recipe", "correct `owner` or the key's secret reference", INVALID),
    "G303": CodeInfo("the system does not lock keys in memory", "raise the limit on locked memory (ulimit -l, LimitMEMLOCK=); mode live refuses, others warn", INVALID),
    "G304": CodeInfo("mode live over an open line", "use https:// or wss://, or a node on this machine", INVALID),
    "G401": CodeInfo("the endpoint serves another chain", "check endpoint and chain id or genesis hash in the recipe", INVALID),
    "G402": CodeInfo("a chain item cannot be wired", "see the message; hoploop validate finds most causes offline", INVALID),
    "G501": CodeInfo("internal error: this is a bug", "please report it; an engine tripped its gate and its log says more", BUG),
    "G502": CodeInfo("a component failed", "the engine drained and stopped; see the log"),
}
