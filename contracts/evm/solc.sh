#!/bin/sh
# The command line forge expects of a native solc, answered by the pinned solc-js.
exec node "$(dirname "$0")/solc.mjs" "$@"
