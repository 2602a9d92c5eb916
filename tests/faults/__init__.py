"""Everything that can fail fails: real programs, servers and stand-ins, and afterwards both calendars are compared."""
