"""Runs tickets: asks calendars, lets the core decide, writes down what happened. Written once, used by both workers."""
