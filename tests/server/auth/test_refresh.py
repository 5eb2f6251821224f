"""Rotation: an honest client stays signed in whatever the network does, and a copied token is found out."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salebell_server.auth.local.refresh import (
    IDLE,
    MAX_SUCCESSORS,
    RefreshToken,
    first_token,
    is_idle,
    next_token,
    parse_token,
    rotate,
)
from salebell_server.log.accounts import RefreshFamily
from tests.server.auth.stand import Draws

unhurried = settings(deadline=None)
"""A busy machine is no finding."""

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Server:
    """One family, and what the service does with it."""

    def __init__(self) -> None:
        self._draws = Draws()
        self.signed_in = first_token(self._draws)
        self.family: RefreshFamily | None = RefreshFamily(
            id=self.signed_in.family,
            uid="u",
            used=b"",
            successors=(self.signed_in.hashed,),
            opened_at=NOW,
            used_at=NOW,
        )

    def refresh(self, token: RefreshToken) -> RefreshToken | None:
        """The successor, or None when the session has ended."""
        fresh = next_token(token, self._draws)
        if self.family is not None:
            self.family = rotate(self.family, token.hashed, fresh.hashed, NOW)
        return None if self.family is None else fresh


@dataclass
class Client:
    """Keeps one token. Of crossing requests it takes any answer, as long as none was used since."""

    held: RefreshToken
    sent: RefreshToken | None = None
    answers: list[tuple[RefreshToken, RefreshToken]] = field(default_factory=list[tuple[RefreshToken, RefreshToken]])

    def send(self, server: Server) -> bool:
        """Ask; the answer is on its way. False when the session has ended."""
        self.sent = self.held
        fresh = server.refresh(self.held)
        if fresh is not None:
            self.answers.append((self.held, fresh))
        return fresh is not None

    def receive(self, place: int) -> None:
        """One of the answers on their way arrives, in any order."""
        if self.answers:
            asked_with, fresh = self.answers.pop(place % len(self.answers))
            if asked_with == self.sent:
                self.held = fresh

    def lose(self, place: int) -> None:
        """One of them is lost."""
        if self.answers:
            self.answers.pop(place % len(self.answers))


steps = st.lists(st.tuples(st.sampled_from(["send", "receive", "lose"]), st.integers(0, 5)), max_size=MAX_SUCCESSORS)


def walk(client: Client, server: Server, taken: list[tuple[str, int]]) -> bool:
    """Whether the client was still signed in after each of these steps."""
    for step, place in taken:
        if step == "send" and not client.send(server):
            return False
        if step == "receive":
            client.receive(place)
        if step == "lose":
            client.lose(place)
    return True


@unhurried
@given(steps)
def test_an_honest_client_is_never_signed_out(taken: list[tuple[str, int]]) -> None:
    server = Server()
    client = Client(server.signed_in)
    assert walk(client, server, taken)
    assert client.send(server)


@unhurried
@given(steps, st.lists(st.booleans(), min_size=4, max_size=20))
def test_a_copied_token_ends_the_session_once_both_have_gone_on(
    taken: list[tuple[str, int]], turns: list[bool]
) -> None:
    server = Server()
    owner = Client(server.signed_in)
    assert walk(owner, server, taken)
    thief = Client(owner.held)
    went_on = {True: 0, False: 0}
    for turn in turns:
        client = owner if turn else thief
        client.answers.clear()
        if not client.send(server):
            break
        client.receive(0)
        went_on[turn] += 1
    assert server.family is None or min(went_on.values()) < 2


@unhurried
@given(steps, st.data())
def test_an_older_token_ends_the_session_for_whoever_holds_the_newer_one(
    taken: list[tuple[str, int]], data: st.DataObject
) -> None:
    server = Server()
    client = Client(server.signed_in)
    seen = [server.signed_in]
    for step in taken:
        walk(client, server, [step])
        if client.held not in seen:
            seen.append(client.held)
    assert server.family is not None
    older = [token for token in seen if token.hashed not in (server.family.used, *server.family.successors)]
    if not older:
        return
    assert server.refresh(data.draw(st.sampled_from(older))) is None
    assert server.refresh(client.held) is None


def test_the_previous_token_works_until_its_successor_is_used() -> None:
    server = Server()
    first = server.signed_in
    second = server.refresh(first)
    assert second is not None
    again = server.refresh(first)
    assert again is not None
    assert again != second
    assert server.refresh(second) is not None
    assert server.refresh(first) is None


def test_successors_are_bounded_and_the_oldest_dies_first() -> None:
    server = Server()
    answers = [server.refresh(server.signed_in) for _ in range(MAX_SUCCESSORS + 1)]
    assert server.family is not None
    assert len(server.family.successors) == MAX_SUCCESSORS
    oldest, second_oldest = answers[0], answers[1]
    assert oldest is not None
    assert second_oldest is not None
    assert oldest.hashed not in server.family.successors
    assert server.refresh(second_oldest) is not None


def test_a_session_is_over_when_it_was_not_used_for_too_long() -> None:
    family = Server().family
    assert family is not None
    assert not is_idle(family, NOW + IDLE - timedelta(microseconds=1))
    assert is_idle(family, NOW + IDLE)


def test_a_token_is_256_random_bits_and_survives_its_way_as_text() -> None:
    token = first_token(Draws())
    assert len(token.secret) == 32
    assert parse_token(token.text) == token
    assert next_token(token, Draws()).family == token.family
    assert hashlib.sha256(token.family + token.secret).digest() == token.hashed
    assert token.text not in repr(token)


@pytest.mark.parametrize("end", ["", "AA", "=", " ", "é", "\ud800", "/", "\n"])
def test_what_is_no_token_is_not_read_as_one(end: str) -> None:
    text = first_token(Draws()).text
    assert parse_token(text[:-1] + end) is None
    assert parse_token("sbk_" + text[4:]) is None


@unhurried
@given(st.text(max_size=80))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    assert parse_token(text) is None
