"""Decides what has to be done so that two calendars become equal. Pure: no I/O, no clock, no logging.

Read in this order: `event` (what an appointment is), `reading` (what a side answered and what it proves), `link` (pairs and
their base), `merge` (two versions of one event), `reconcile` (everything together, giving a plan), `ticket` (the order
in which a run goes through its stages).
"""
