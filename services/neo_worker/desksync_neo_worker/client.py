"""The calls of NEO over HTTP: raw records in and out, every failure as one of the four error kinds. Knows no neutral event."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import TracebackType
from typing import Any, NoReturn, Self

import httpx

from desksync.worker.calendar import Account
from desksync.worker.calls import Watch, unwatched
from desksync.worker.errors import EventRefused, Reason, RetryLater, SideUnreadable, UserMustAct
from desksync.worker.gate import Gate, ungated
from desksync.worker.patience import impatient
from desksync_neo_worker.address import parse_address
from desksync_neo_worker.envelope import Refused, answered, opened
from desksync_neo_worker.listing import Listing, Page, read_page, whole
from desksync_neo_worker.untranslatable import Strange
from desksync_neo_worker.values import Record, text, written_day
from desksync_neo_worker.wire import Action, Field, Header, Key, Module, Parameter, Scope, Size, Takes

Form = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Login:
    """What a login gives: a key, valid for some days, and whose it is."""

    access_key: str
    user_id: str
    name: str

    def __repr__(self) -> str:
        return f"Login(user_id={self.user_id!r})"


class NeoClient:
    """One NEO. Safe from several threads; keeps its connections until `close`.

    `base_url` is NEO's own address; `ValueError` says what is wrong with it. NEO runs calls one after another and turns everybody
    away once more than ten wait (NEO common API); `gate` keeps that queue short, and is entered around each call. `watch` counts.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: timedelta = timedelta(seconds=30),
        transport: httpx.BaseTransport | None = None,
        gate: Gate = ungated,
        watch: Watch = unwatched,
    ) -> None:
        self._address = parse_address(base_url)
        self._http = httpx.Client(timeout=timeout.total_seconds(), transport=transport)
        self._gate = gate
        self._watch = watch

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def login(self, login_id: str, password: str) -> Login:
        """Return a key for that user. Raises `UserMustAct` when NEO does not know the two."""
        form = {Parameter.LOGIN_ID.value: login_id, Parameter.PASSWORD.value: password}
        try:
            body = opened(self._post(Module.SCHEDULE, Action.LOGIN, None, form))
        except Refused as refused:
            raise UserMustAct(Reason.KEY_REFUSED, "NEO does not know this login ID and password.") from refused
        key = _text(body, Key.ACCESS_KEY)
        if not key:
            raise SideUnreadable("NEO accepted the login and gave no access key.")
        return Login(key, _text(body, Key.USER_ID), _text(body, Key.NAME))

    def list_users(self, key: str) -> list[object]:
        """Return the entries of the user list, as NEO sent them."""

        def ask(offset: int) -> Page:
            try:
                body = opened(self._post(Module.CONSTANTS, Action.LIST_USERS, key, _page_from(offset)))
            except Refused as refused:
                if refused.is_no_right:
                    raise UserMustAct(
                        Reason.DIRECTORY_OFF,
                        f"{refused} Enable 利用者名簿 in NEO: 管理者設定 > 運用設定 > メニュー設定 > desknet's NEOメニュー設定.",
                    ) from refused
                return _empty_or_unreadable(refused)
            return read_page(body, may_lack_count=True)

        return whole(ask(0), ask)

    def list_schedules(self, account: Account, first: date, last: date) -> Listing:
        """Return every occurrence that touches the dates, both inclusive. Half a list is `SideUnreadable`."""
        return self._whole(account, first, last, self._page(account, first, last, 0))

    def list_if_changed(self, account: Account, first: date, last: date, digest: str) -> Listing | None:
        """Return the same, or `None` when NEO answers the very bytes that the digest of an earlier listing stands for.

        That is found out without reading them, which costs a tenth.
        """
        answer = self._page(account, first, last, 0)
        return None if _digest(answer) == digest else self._whole(account, first, last, answer)

    def get_schedule(self, account: Account, sid: str, original: date | None = None) -> Record | None:
        """Return the record of an event or series, or of the one occurrence that had this original date; `None` if there is none.

        Raises `EventRefused` when the account may not open it.
        """
        form = {Field.SID.value: sid} | ({} if original is None else {Field.ORIGINAL.value: written_day(original)})
        try:
            body = opened(self._called(account, Action.GET_SCHEDULE, form))
        except Refused as refused:
            if refused.is_no_data:
                return None
            if refused.is_no_right:
                raise EventRefused(f"{refused} The account may not open this event.") from refused
            raise SideUnreadable(str(refused)) from refused
        record = body.get(Key.RECORD)
        if not isinstance(record, Mapping):
            raise SideUnreadable("NEO answered without the event that was asked for.")
        return record

    def insert_schedule(self, account: Account, fields: Mapping[str, str]) -> str:
        """Add an event for the account's user and return its ID. Raises `EventRefused`."""
        form = {**fields, Field.PEOPLE: [account.address]}
        try:
            body = opened(self._called(account, Action.INSERT_SCHEDULE, form))
        except Refused as refused:
            if refused.is_no_right:
                raise _no_access(refused) from refused
            return _refuse_event(refused)
        sid = _text(body, Field.SID)
        if not sid:
            raise SideUnreadable("NEO added an event and did not tell its ID.")
        return sid

    def update_schedule(self, account: Account, sid: str, fields: Mapping[str, str], original: date | None = None) -> str:
        """Change what is posted, of everything or of one occurrence, and return the ID that it has now. Raises `EventRefused`."""
        form = {**fields, Field.SID: sid, **_scope(original)}
        try:
            body = opened(self._called(account, Action.UPDATE_SCHEDULE, form))
        except Refused as refused:
            return _refuse_event(refused)
        return _text(body, Field.SID) or sid

    def delete_schedule(self, account: Account, sid: str, takes: Takes, original: date | None = None) -> None:
        """Delete everything or one occurrence. What is already gone counts as deleted. Raises `EventRefused`."""
        form = {Field.SID: sid, Parameter.TAKES: takes.value, **_scope(original)}
        try:
            opened(self._called(account, Action.DELETE_SCHEDULE, form))
        except Refused as refused:
            if not refused.is_no_data:
                _refuse_event(refused)

    def _page(self, account: Account, first: date, last: date, offset: int) -> httpx.Response:
        dates = {Field.FIRST.value: written_day(first), Field.LAST.value: written_day(last)}
        return self._called(account, Action.LIST_SCHEDULES, dates | _page_from(offset))

    def _whole(self, account: Account, first: date, last: date, answer: httpx.Response) -> Listing:
        page = _schedules(answer)
        items = whole(page, lambda offset: _schedules(self._page(account, first, last, offset)))
        return Listing(tuple(items), _digest(answer) if len(items) == len(page.items) else "")

    def _called(self, account: Account, action: Action, form: Form) -> httpx.Response:
        owned = {**form, **_owner(account)}
        return self._post(Module.SCHEDULE, action, account.secret, owned, account)

    def _post(
        self,
        module: Module,
        action: Action,
        key: str | None,
        form: Form,
        account: Account | None = None,
    ) -> httpx.Response:
        parameters = {str(name): value for name, value in form.items()} | {Parameter.ACTION.value: action.value}
        headers = {} if key is None else {Header.KEY.value: _sendable(key)}

        def send() -> httpx.Response:
            if account is not None:
                account.beat()  # At the last moment: whoever has lost the ticket while waiting sends nothing.
            return self._sent(action, self._address.of(module.value), parameters, headers)

        patience, user_id = (impatient(), None) if account is None else (account.patience, account.user_id)
        return patience.through(lambda: self._gate(user_id), send)

    def _sent(self, action: Action, url: str, parameters: Form, headers: Mapping[str, str]) -> httpx.Response:
        try:
            with self._watch(action.value) as call:
                answer = self._http.post(url, data=parameters, headers=headers)
                call.answered(answer.status_code)
            return answered(answer)
        except httpx.TimeoutException as error:
            raise RetryLater("NEO did not answer in time.") from error
        except httpx.DecodingError as error:
            raise SideUnreadable("NEO's answer cannot be unpacked.") from error
        except httpx.RequestError as error:
            raise RetryLater(
                f"NEO cannot be reached ({type(error).__name__}). It is tried again by itself. Where it lasts, NEO is down, its "
                "address in the settings is wrong, or the network between does not let us through."
            ) from error


def _sendable(key: str) -> str:
    if not key or not key.isascii() or not key.isprintable():
        raise UserMustAct(
            Reason.KEY_REFUSED, "There is no NEO access key, or it holds characters that no key has. Enter it anew."
        )
    return key


def _owner(account: Account) -> dict[str, str]:
    return {Parameter.USER_ID.value: account.address}


def _page_from(offset: int) -> dict[str, str]:
    return {Parameter.OFFSET.value: str(offset), Parameter.LIMIT.value: str(int(Size.PAGE))}


def _digest(answer: httpx.Response) -> str:
    return hashlib.sha256(answer.content).hexdigest()


def _schedules(answer: httpx.Response) -> Page:
    try:
        return read_page(opened(answer))
    except Refused as refused:
        if refused.is_no_right:
            raise _no_access(refused) from refused
        return _empty_or_unreadable(refused)


def _scope(original: date | None) -> dict[str, str]:
    if original is None:
        return {}
    return {Parameter.SCOPE.value: Scope.ONE.value, Field.ORIGINAL.value: written_day(original)}


def _text(body: Mapping[str, Any], name: str) -> str:
    try:
        return text(body, name).strip()
    except Strange as strange:
        raise SideUnreadable(str(strange)) from strange


def _no_access(refused: Refused) -> UserMustAct:
    return UserMustAct(
        Reason.NO_ACCESS, f"{refused} Ask the NEO administrator for access to this schedule, or check the user ID."
    )


def _empty_or_unreadable(refused: Refused) -> Page:
    if refused.is_no_data:
        return Page((), 0)
    raise SideUnreadable(str(refused)) from refused


def _refuse_event(refused: Refused) -> NoReturn:
    raise EventRefused(str(refused), is_stale=refused.is_no_data) from refused
