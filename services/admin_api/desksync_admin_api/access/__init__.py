"""Who is calling, and what they may do: sessions, tokens, roles, passwords, throttle, forms, headers, audit.

Read `caller`, then `gate`: every route names its gate, and a test walks every route as everybody.
"""
