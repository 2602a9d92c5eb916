"""What people and machines look at and do here, with its rules and its line in the audit log.

Pages and the API show it, each in its own words; this knows neither of the two.
"""
