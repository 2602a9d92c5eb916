"""Where Google's behaviour is not published, or differs from day to day, it is a switch here and not a guess in the code."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

Life = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=36_500))]


class LongText(StrEnum):
    """What becomes of a summary above 1,024 or a description above 8,192 characters."""

    CUT = "cut"
    REFUSE = "refuse"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class GoogleSwitches:
    """How the stand-in behaves. The defaults are what Google documents, and where it is silent, the harder case for a client."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    starts_with_an_empty_page: bool = False
    """Full and incremental lists begin with a page without items, as was seen live."""
    page_limit: Annotated[int, Field(ge=1)] | None = None
    """Pages are never longer than this, whatever `maxResults` asks for: Google may send short pages."""
    sync_token_life: Life | None = None
    """Age at which a sync token answers 410; Google publishes none, so `None` keeps it alive for ever."""
    updated_min_life: Life = timedelta(days=28)
    """How far back `updatedMin` may lie before it answers 410."""
    token_remembers_window: bool = False
    """Incremental lists leave out changed events outside the `timeMin`/`timeMax` of the full list they follow."""
    resends_whole_series: bool = True
    """A change in a series brings the series and all its exceptions again, as recorded; else the series and what changed."""
    exceptions_inherit: bool = True
    """A changed field of a series goes on to the exceptions that held the old value."""
    no_op_moves_etag: bool = True
    """A patch or update that changes nothing still makes a new etag and shows up in the next incremental list."""
    deleted_ids_stay_taken: bool = True
    """Inserting the id of a deleted event answers 409."""
    deleted_events_keep_details: bool = True
    """`events.get` shows the details of a deleted event, as on the organiser's calendar; lists never do."""
    property_filters_match_any: bool = False
    """Repeated `privateExtendedProperty` filters are joined by OR, as the guide says, and not by AND, as the reference says."""
    long_text: LongText = LongText.CUT
    """What becomes of too long texts."""
    expansion_horizon: Life = timedelta(days=730)
    """How far from now an endless series is expanded when `singleEvents` is asked for without `timeMax`."""
    access_token_life: Life = timedelta(hours=1)
    """How long an access token works."""
    refresh_tokens_per_account: Annotated[int, Field(ge=1)] = 100
    """With one more for the same account and client, the oldest refresh token dies silently."""
