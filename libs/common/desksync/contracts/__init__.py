"""What travels between the programs: message types and names on the broker. Knows neither kombu nor the database.

Messages hold ids and never what a calendar holds. Whoever receives one reads the rows.
"""
