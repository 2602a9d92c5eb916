"""The NEO side: desknet's NEO behind the `Calendar` port.

Read in this order: `wire` (every name on the wire), `client` (the calls), `mapping` and `recurrence` (NEO's records as neutral
events and back), `series` and `offshoots` (one series from its occurrences), `reading` and `occurrences` (the two halves of
`calendar`, which implements the port).
"""
