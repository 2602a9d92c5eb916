"""Asks on the terminal before something is changed that is hard to take back."""

from collections.abc import Callable

import typer


def confirmed(*, yes: bool) -> Callable[[str], bool]:
    """Return what asks a question; with `yes` nothing is asked. Where nobody is there to answer, that is a no."""

    def confirm(question: str) -> bool:
        try:
            return yes or typer.confirm(question)
        except typer.Abort:
            return False

    return confirm
