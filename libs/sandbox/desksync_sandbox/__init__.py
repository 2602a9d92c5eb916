"""Stand-ins for NEO and Google Calendar: HTTP servers that trials and tests run against. They import nothing of DeskSync."""
