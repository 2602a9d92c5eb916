"""The Google side: speaks to the Google Calendar API v3 and implements the `Calendar` port with it.

Read in this order: `calendar` (the port), `mapping` and `recurrence` (what a Google event means), `reading` (what a list proves),
`errors` (what a refusal means), `service` (how requests are sent). Must not know NEO, the database or the broker.
"""
