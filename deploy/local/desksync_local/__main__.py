"""The entry of `python -m desksync_local`. Whatever ends it, by a signal, ends all that it has started."""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Loading takes a second; nothing has begun yet, so nothing has to be ended.

from desksync_local.app import app  # noqa: E402 - see above

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
app(prog_name="production-local")
