"""The two ways in which translating fails. Their texts are sentences for the history and never hold a title."""


class Strange(ValueError):
    """NEO holds something that cannot be understood; the event is left alone."""


class Inexpressible(ValueError):
    """An event that NEO cannot hold."""
