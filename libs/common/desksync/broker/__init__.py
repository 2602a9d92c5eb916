"""Carries messages: connect, declare, publish, consume. Knows no tables and no calendars.

It promises no more than kombu's memory can keep: no order, no requeue, no delay, no expiry, no dead letters. A message only
says that there is a row to look at. `connection` is the one module that looks at the scheme of the URL.
"""
