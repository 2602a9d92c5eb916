"""The one transaction of a request. It begins when it is known who is calling, and ends before the answer is sent."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from desksync_admin_api.access.who import Who
from desksync_admin_api.web import TheWeb


def _writing(web: TheWeb, _caller: Who) -> Iterator[Session]:
    with web.begin() as session:
        yield session


def _reading(web: TheWeb, _caller: Who) -> Iterator[Session]:
    with web.reads() as session:
        yield session


Writing = Annotated[Session, Depends(_writing, scope="function")]
"""For a request that changes something. A commit that fails is a 500, and not a page that says "saved".

Not for handlers that call NEO or Google: those use `web.begin` around each step, so that no transaction is open meanwhile.
"""

Reading = Annotated[Session, Depends(_reading, scope="function")]
"""For a request that only looks: writing fails, and on SQLite it never waits for a writer."""
