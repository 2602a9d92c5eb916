"""A stand-in for Google Calendar: the API v3, the consent page, and a small page for people."""

from desksync_sandbox.google.app import GoogleServer
from desksync_sandbox.google.switches import GoogleSwitches, LongText

__all__ = ["GoogleServer", "GoogleSwitches", "LongText"]
