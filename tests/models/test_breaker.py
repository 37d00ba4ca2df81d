"""The circuit breaker: open after failures in a row, one trial after a pause."""

from __future__ import annotations

from assistant.models.breaker import Breaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(clock: Clock) -> Breaker:
    breaker = Breaker(5, 15, clock)
    for _ in range(5):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_opens_after_the_fifth_failure_in_a_row() -> None:
    assert not broken(Clock()).allows()


def test_success_in_between_starts_the_count_again() -> None:
    breaker = Breaker(2, 15, Clock())
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()


def test_half_open_lets_one_caller_through() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 15.0
    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_failed_trial_opens_it_again_and_a_good_one_closes_it() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 15.0
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    clock.now = 30.0
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.allows() and breaker.allows()


def test_trial_that_was_given_up_leaves_room_for_another() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 15.0
    assert breaker.allows()
    breaker.released()
    assert breaker.allows()
