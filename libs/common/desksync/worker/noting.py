"""What a stage has to tell, collected while it works and told once it is committed. Errors are rows first."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from desksync.contracts.messages import SyncError
from desksync.store.errors import NewError, add_error
from desksync.sync.event import Side


@dataclass(frozen=True, slots=True)
class Notes:
    """The errors that were written down, for publishing, and how many events were written, by side and kind, for counting."""

    errors: list[SyncError] = field(default_factory=list)
    actions: Counter[tuple[Side, str]] = field(default_factory=Counter)


def note(session: Session, new: NewError) -> SyncError:
    """Write an error down, and return the message to publish once the transaction is committed."""
    return SyncError(
        error_id=add_error(session, new),
        run_id=new.run_id,
        user_id=new.user_id,
        side=None if new.side is None else new.side.value,
        kind=new.kind,
        at=new.at,
    )
