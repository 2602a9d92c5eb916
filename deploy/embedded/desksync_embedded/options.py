"""Arguments and options that several commands have."""

from typing import Annotated

import typer

from desksync.store.web_states import WebRole
from desksync_embedded.ports import USUAL

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0 takes a free port.")]
FirstPort = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=0,
        max=65533,
        help=f"The first of three ports for the pages; 0 takes free ones. Without it: {USUAL}, or free ones where it is taken.",
    ),
]
Host = Annotated[str, typer.Option("--host", help="The address on which it listens; 0.0.0.0 lets other machines in.")]
TheUser = Annotated[str, typer.Argument(metavar="USER", help="A NEO user ID or login ID.")]
OneUser = Annotated[str | None, typer.Argument(metavar="[USER]", help="A NEO user ID or login ID; everybody if none.")]
TheAccount = Annotated[str, typer.Argument(metavar="NAME", help="The name that is typed at signing in.")]
ARole = Annotated[WebRole, typer.Option("--role", help="An auditor looks at everything and changes nothing.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, for scripts.")]
ARun = Annotated[int, typer.Argument(metavar="RUN", min=1, max=2**63 - 1, help="The number of a run, as `users runs` shows it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Mark = Annotated[str | None, typer.Option("--mark", help="The mark of what `held` has shown: the answer is for that alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
