"""Errors are rows first; the message that goes out afterwards only makes the counter look sooner."""

from sqlalchemy.orm import Session

from desksync.contracts.messages import SyncError
from desksync.store.errors import NewError, add_error


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
