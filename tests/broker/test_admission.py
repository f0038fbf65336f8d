"""Who is let in, who waits, and who is turned away, with threads as a server would have them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from broker.admission import Admission, Environ, Line, Places, StartResponse, Turns

PLACES = Places(at_work=2, turns=2, waiting=4, share=2)


class Work:
    """An application whose requests stay until they are let go."""

    def __init__(self, *, patience: float = 5.0, places: Places = PLACES) -> None:
        self.let_go = threading.Event()
        self.order: list[str] = []
        self.most = 0
        self.line = Line(places)
        self.turns = Turns(places.turns)
        self.admission = Admission(
            self._work,
            self._turn_away,
            self.line,
            self.turns,
            source=lambda environ: environ.get("source"),
            patience=patience,
        )
        self._lock = threading.Lock()
        self._now = 0

    def ask(self, name: str = "", source: str | None = None, path: str = "/authorize") -> str:
        answers: list[str] = []
        environ = {"PATH_INFO": path, "name": name, "source": source}
        self.admission(environ, lambda status, _headers: answers.append(status))
        return answers[0]

    def _work(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        if environ["PATH_INFO"].startswith("/health/"):
            return []
        with self._lock:
            self.order.append(environ["name"])
            self._now += 1
            self.most = max(self.most, self._now)
        self.let_go.wait(10)
        with self._lock:
            self._now -= 1
        return []

    @staticmethod
    def _turn_away(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("503 Service Unavailable", [])
        return []


def _until(line: Line, *, at_work: int, waiting: int) -> None:
    end = time.monotonic() + 5
    while (line.at_work, line.waiting) != (at_work, waiting):
        assert time.monotonic() < end, (line.at_work, line.waiting)
        time.sleep(0.005)


def test_what_there_is_room_for_waits_its_turn_and_the_rest_is_turned_away_at_once() -> None:
    work = Work()
    with ThreadPoolExecutor(20) as pool:
        inside = [pool.submit(work.ask) for _ in range(6)]
        _until(work.line, at_work=2, waiting=4)
        began = time.monotonic()
        refused = list(pool.map(lambda _: work.ask(), range(10)))
        took = time.monotonic() - began
        work.let_go.set()
        served = [future.result() for future in inside]
    assert Counter(refused) == {"503 Service Unavailable": 10}
    assert took < 1.0
    assert Counter(served) == {"200 OK": 6}
    assert work.most == 2
    assert (work.line.at_work, work.line.waiting) == (0, 0)


def test_health_is_answered_when_nothing_else_is() -> None:
    work = Work()
    with ThreadPoolExecutor(20) as pool:
        inside = [pool.submit(work.ask) for _ in range(6)]
        _until(work.line, at_work=2, waiting=4)
        assert work.ask(path="/health/live") == "200 OK"
        assert work.ask() == "503 Service Unavailable"
        work.let_go.set()
        assert all(future.result() == "200 OK" for future in inside)


def test_first_come_is_first_served() -> None:
    work = Work(places=Places(at_work=1, turns=1, waiting=4, share=4))
    names = ["a", "b", "c", "d"]
    with ThreadPoolExecutor(8) as pool:
        futures = []
        for number, name in enumerate(names):
            futures.append(pool.submit(work.ask, name))
            _until(work.line, at_work=1, waiting=number)
        work.let_go.set()
        assert all(future.result() == "200 OK" for future in futures)
    assert work.order == names


def test_a_op_06_a_flood_from_one_source_leaves_room_for_others() -> None:
    work = Work()
    with ThreadPoolExecutor(30) as pool:
        flood = [pool.submit(work.ask, "flood", "one") for _ in range(20)]
        _until(work.line, at_work=2, waiting=2)
        others = [pool.submit(work.ask, "other", source) for source in ("two", "three")]
        _until(work.line, at_work=2, waiting=4)
        work.let_go.set()
        assert all(future.result() == "200 OK" for future in others)
        assert Counter(future.result() for future in flood) == {"200 OK": 4, "503 Service Unavailable": 16}


def test_who_has_waited_long_enough_is_turned_away_and_leaves_no_trace() -> None:
    work = Work(patience=0.05)
    with ThreadPoolExecutor(8) as pool:
        inside = [pool.submit(work.ask) for _ in range(2)]
        _until(work.line, at_work=2, waiting=0)
        assert work.ask(source="one") == "503 Service Unavailable"
        assert work.line.waiting == 0
        work.let_go.set()
        assert all(future.result() == "200 OK" for future in inside)
    assert work.ask(source="one") == "200 OK"
    assert (work.line.at_work, work.line.waiting) == (0, 0)


def test_a_place_is_given_back_when_the_work_fails() -> None:
    def fail(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
        raise RuntimeError

    line = Line(Places.working(1))
    admission = Admission(fail, fail, line, Turns(1), source=lambda _environ: None)
    for _ in range(3):
        try:
            admission({"PATH_INFO": "/"}, lambda *_: None)
        except RuntimeError:
            continue
    assert line.at_work == 0


def test_many_threads_in_a_hurry_never_exceed_the_places() -> None:
    work = Work(places=Places(at_work=3, turns=3, waiting=50, share=50))
    work.let_go.set()
    with ThreadPoolExecutor(40) as pool:
        answers = Counter(pool.map(lambda number: work.ask(source=str(number % 3)), range(2000)))
    assert answers == {"200 OK": 2000}
    assert work.most <= 3
    assert (work.line.at_work, work.line.waiting) == (0, 0)
    assert not work.line._sources


def test_few_compute_at_a_time_and_who_waits_outside_lets_others_go_on() -> None:
    turns, outside, computing, most = Turns(2), threading.Event(), 0, 0
    lock = threading.Lock()

    def compute() -> None:
        nonlocal computing, most
        with lock:
            computing += 1
            most = max(most, computing)
        time.sleep(0.01)
        with lock:
            computing -= 1

    def request(_number: int) -> str:
        with turns.taken():
            compute()
            with turns.given_away():
                outside.wait(5)
            compute()
            return "done"

    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(request, number) for number in range(5)]
        with turns.taken():  # all five are outside, or on their way there
            pass
        outside.set()
        assert [future.result() for future in waiting] == ["done"] * 5
    assert most == 2


def test_a_thread_without_a_turn_has_none_to_give_away() -> None:
    turns = Turns(1)
    with turns.given_away(), turns.taken():
        pass
    with turns.taken():
        pass
