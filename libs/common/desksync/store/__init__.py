"""Keeps users, tickets, readings, links and history in SQLite or PostgreSQL. The only package that knows SQL.

Its functions take the session of a `with begin() as session:` block, each answer one question, and give frozen values, never
rows. Read `tables` first, then `tickets`, which is the heart of it.
"""

import desksync.store.web_tables  # noqa: F401 - so that whoever asks for the tables has all of them
