"""Programs that the demonstration starts: ready before use, told apart when they end, gone at the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from broker.demo.errors import NotReadyError, ProcessEndedError
from broker.demo.processes import ProcessGroup, find_free_port, is_port_in_use, wait_until_ready

PYTHON = sys.executable
# Starts a program of its own, says its id, and takes no notice of SIGTERM.
STUBBORN = f"""
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([{PYTHON!r}, "-c", "import time; time.sleep(600)"]).pid, flush=True)
time.sleep(600)
"""


def web_server(port: int) -> list[str]:
    return [PYTHON, "-m", "http.server", str(port), "--bind", "127.0.0.1"]


def is_alive(process_id: int) -> bool:
    """Whether it runs; one that has ended and was not yet collected by its new parent does not."""
    try:
        return ") Z " not in Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False


def test_a_program_is_ready_when_its_address_answers_and_gone_after_the_block(tmp_path: Path) -> None:
    port = find_free_port()
    url = f"http://localhost:{port}/"
    with ProcessGroup(logs=tmp_path) as group:
        running = group.start("web", web_server(port), directory=tmp_path)
        group.wait_until_ready("web", url, timeout=30)
        wait_until_ready(url, 1)
        assert is_port_in_use(port)
        group.check()
    assert running.ended
    assert not is_port_in_use(port)


def test_a_program_that_ends_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    with ProcessGroup(logs=tmp_path) as group:
        group.start("hub", [PYTHON, "-c", "import sys; print('no key store'); sys.exit(3)"])
        with pytest.raises(ProcessEndedError, match=r"(?s)hub has ended with exit code 3.*no key store"):
            group.wait_until_ready("hub", f"http://localhost:{find_free_port()}/", timeout=30)


def test_a_program_that_does_not_answer_in_time_is_named(tmp_path: Path) -> None:
    url = f"http://localhost:{find_free_port()}/"
    with ProcessGroup(logs=tmp_path) as group:
        group.start("slow", [PYTHON, "-c", "import time; time.sleep(600)"])
        with pytest.raises(NotReadyError, match=f"slow does not answer at {url}"):
            group.wait_until_ready("slow", url, timeout=0.1)
    with pytest.raises(NotReadyError):
        wait_until_ready(url, 0.1)


def test_killing_a_program_ends_what_it_started_and_it_can_be_started_again(tmp_path: Path) -> None:
    with ProcessGroup(logs=tmp_path) as group:
        first = group.start("stubborn", [PYTHON, "-c", STUBBORN])
        child = _said_process_id(first.log)
        group.kill("stubborn")
        _wait_until_gone(child)
        group.check()
        assert first.process.returncode == -signal.SIGKILL
        second = group.start("stubborn", [PYTHON, "-c", "print('again')"])
        second.process.wait()
        assert str(child) in second.log_tail()
        assert "again" in second.log_tail()


def test_stopping_is_kind_first_and_firm_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.demo.processes._STOP_SECONDS", 0.3)
    with ProcessGroup(logs=tmp_path) as group:
        kind = group.start("kind", [PYTHON, "-c", "import time; time.sleep(600)"])
        stubborn = group.start("stubborn", [PYTHON, "-c", STUBBORN])
        child = _said_process_id(stubborn.log)
    assert kind.process.returncode == -signal.SIGTERM
    assert stubborn.process.returncode == -signal.SIGKILL
    _wait_until_gone(child)


def test_one_name_is_one_program(tmp_path: Path) -> None:
    with ProcessGroup(logs=tmp_path) as group:
        group.start("web", [PYTHON, "-c", "import time; time.sleep(600)"])
        with pytest.raises(ValueError, match="web is running"):
            group.start("web", [PYTHON, "-c", "pass"])


def test_a_port_that_somebody_listens_on_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert is_port_in_use(port)
    assert not is_port_in_use(port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_demonstration_leaves_nothing_running_when_it_is_told_to_stop(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Run the real thing, with programs that only sleep in the members' places."""
    script = f"""
import sys
from pathlib import Path
from broker.demo import federation

def member(name, port):
    server = [{PYTHON!r}, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    return federation.Member(name=name, title=name, port=port, command=tuple(server),
                             ready=f"http://localhost:{{port}}/")

federation._hub = lambda state: member("hub", {find_free_port()})
federation._others = lambda state: (member("northgate", {find_free_port()}),)
federation.prepare_state = lambda state: None
sys.exit(federation.run_demo(Path({str(tmp_path)!r})))
"""
    with subprocess.Popen([PYTHON, "-c", script], stdout=subprocess.PIPE, text=True) as demonstration:
        assert demonstration.stdout
        for line in demonstration.stdout:
            if "Ctrl-C" in line:
                break
        members = _children(demonstration.pid)
        assert len(members) == 2
        demonstration.send_signal(number)
        assert "Stopped." in demonstration.stdout.read()
    assert demonstration.returncode == 0
    assert not any(is_alive(process_id) for process_id in members)


def _children(process_id: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]


def _said_process_id(log: Path) -> int:
    for _ in range(600):
        if log.read_text().strip():
            return int(log.read_text())
        time.sleep(0.05)
    raise AssertionError("the program said nothing")


def _wait_until_gone(process_id: int) -> None:
    for _ in range(100):
        if not is_alive(process_id):
            return
        time.sleep(0.05)
    os.kill(process_id, signal.SIGKILL)
    raise AssertionError("a program outlived its group")
