"""Says who is due, opens tickets, and wakes those whose message was lost."""
