"""Traits that were seen on some NEO, and questions that no document answers, each as a switch. Changes no data."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class NeoSwitches(BaseModel):
    """How this NEO behaves where NEOs differ, or where nobody knows. The defaults are what is most likely met."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    one_item_as_object: bool = True
    """A list of one holds the entry itself instead of an array (seen in clients of NEO)."""
    empty_list_is_an_error: bool = False
    """An empty list answers -110 instead of `"list": {}` (seen in one client)."""
    refused_status: Literal[401, 403] = 401
    """How a refused key is answered, with an empty body (both were seen)."""
    is_directory_on: bool = True
    """Off: `list_users` answers -10008, as with the user directory disabled in the menu settings."""
    is_in_maintenance: bool = False
    """On: every call answers an HTML page with status 200."""
    changed_occurrence_keeps_sid: bool = True
    """Off: a changed occurrence becomes a plain event of its own, and its series loses that date (open question)."""
    changed_occurrence_shows_rule: bool = True
    """Off: the record of a changed occurrence has empty rule fields (open question)."""
    non_public_for_others: Literal["masked", "absent"] = "masked"
    """What others see of a secret event (open question)."""
    longest_queue: int = Field(default=10, ge=0, le=10_000)
    """When more calls than this wait, calls are refused with 429 (NEO common API)."""
    refusal_seconds: float = Field(default=10.0, ge=0, le=86_400, allow_inf_nan=False)
    """For how long they are refused (NEO common API)."""
