"""Runs a program: its settings, secrets, logs, metrics, health and threads. Knows nothing of calendars, SQL or messages.

`settings` (what can be set), `settings_errors` (what a person reads when it is set wrongly), `secrets` (encryption at rest),
`redaction` and `logs` (what may be written down), `metrics` (every number there is), `health` (is it alive, is it ready),
`service` (the one place where threads are started).
"""
