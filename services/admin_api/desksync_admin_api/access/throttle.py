"""Slows guessing down: after some failed sign-ins, an account and an address have to wait, longer each time, never for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from desksync.store import attempts
from desksync_admin_api.access.secret import hashed
from desksync_admin_api.errors import TooManyAttempts
from desksync_admin_api.web import Web

FORGOTTEN = timedelta(hours=24)
"""After so long without an attempt the count starts anew."""


@dataclass(frozen=True, slots=True)
class Patience:
    """So many attempts cost nothing; each one more costs a wait, twice as long as the one before, up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """Return how long the next attempt has to wait."""
        over = failures - self.free
        if over <= 0:
            return timedelta(0)
        return min(self.longest, self.first * (1 << min(over - 1, 20)))


FOR_AN_ACCOUNT = Patience(free=5, first=timedelta(seconds=5), longest=timedelta(minutes=15))
FOR_AN_ADDRESS = Patience(free=50, first=timedelta(seconds=5), longest=timedelta(minutes=5))
"""A whole company may share one address, so more is forgiven."""


_BUSY = timedelta(seconds=2)


def neighbourhood(address: str) -> str:
    """Return what counts as one address: in IPv6 the network of a customer, who has 2^64 addresses to choose from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == _IPV4:
        return address
    return str(ip_network((parsed, _CUSTOMER_BITS), strict=False))


_IPV4 = 4
_CUSTOMER_BITS = 64


@dataclass
class Attempt:
    """One attempt to sign in. It counts as failed until `succeeded` is set."""

    succeeded: bool = False


@contextmanager
def attempt(web: Web, way: str, name: str, address: str) -> Iterator[Attempt]:
    """Count an attempt of that name from that address. Raises `TooManyAttempts` without trying when one of them has to wait.

    So it does when very many are at it at this moment: checking a password and asking NEO take long, and the threads that are
    left serve everybody who is signed in already.
    """
    if not web.signing_in.acquire(blocking=False):
        raise TooManyAttempts(_BUSY)
    try:
        with _counted(web, way, name, address) as trying:
            yield trying
    finally:
        web.signing_in.release()


@contextmanager
def _counted(web: Web, way: str, name: str, address: str) -> Iterator[Attempt]:
    account_key, address_key = hashed(f"account\n{way}\n{name.casefold()}"), hashed(f"address\n{neighbourhood(address)}")
    now = web.now()
    with web.begin() as session:
        until = attempts.blocked_until(session, [account_key, address_key], now)
        if until is None:
            counted = {
                account_key: FOR_AN_ACCOUNT.wait_after(attempts.count_attempt(session, account_key, now, FORGOTTEN)),
                address_key: FOR_AN_ADDRESS.wait_after(attempts.count_attempt(session, address_key, now, FORGOTTEN)),
            }
            attempts.block(session, {key: now + wait for key, wait in counted.items() if wait})
    if until is not None:
        raise TooManyAttempts(until - now)
    trying = Attempt()
    yield trying
    if trying.succeeded:
        with web.begin() as session:
            attempts.forget(session, account_key)
            attempts.take_back(session, address_key)
