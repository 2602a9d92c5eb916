"""One keep-alive HTTP connection per thread, because httplib2 is not safe to share. Must not know what is sent.

Nothing comes from outside: no proxy from the environment, no redirects, no cache. A redirect leads to a login page,
never to calendar data.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import httplib2


class Connections:
    """Gives every thread its own `httplib2.Http`, and closes all of them in the end.

    Making one per request would load the certificate bundle each time, which costs far more than the request itself.
    """

    def __init__(self, timeout: timedelta, open_http: Callable[..., httplib2.Http] = httplib2.Http) -> None:
        self._timeout = timeout.total_seconds()
        self._open = open_http
        self._mine = threading.local()
        self._all: list[httplib2.Http] = []
        self._lock = threading.Lock()

    def mine(self) -> httplib2.Http:
        """Return the calling thread's own."""
        http: httplib2.Http | None = getattr(self._mine, "http", None)
        if http is None:
            http = self._open(timeout=self._timeout, proxy_info=None)
            http.follow_redirects = False
            self._mine.http = http
            with self._lock:
                self._all.append(http)
        return http

    def drop_mine(self) -> None:
        """Close the calling thread's connections, after an answer that did not come to its end."""
        self.mine().close()

    def close(self) -> None:
        """Close everything. No thread may be sending."""
        with self._lock:
            for http in self._all:
                http.close()
