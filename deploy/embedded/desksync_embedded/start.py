"""The entry of the command `desksync`. Loading it all takes a second, in which Ctrl-C shall end it without a traceback."""

import signal


def main() -> None:
    """Load the command and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Nothing has begun yet, so nothing has to be ended.
    from desksync_embedded.app import main as run  # noqa: PLC0415 - loading is what Ctrl-C may interrupt

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()
