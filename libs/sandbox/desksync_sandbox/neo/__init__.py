"""A stand-in for desknet's NEO: the documented common API, and schedule calls in the dialect that DeskSync assumes.

Read in this order: `seed` (what an office is), `schedule` and `rule` (what is stored), `edits` (what a form makes of it),
`world` (everything together, with an API for tests), `actions` (the calls), `gateway` (HTTP), `pages` (for people), `app`
(the server).
"""
