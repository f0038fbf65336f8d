from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.yaml_document import LARGEST_FILE, Document, parse_document, write_path


def parse(text: str) -> Document:
    return parse_document("services/x.yaml", text.encode())


def only_fault(text: str) -> tuple[int | None, str, str]:
    (fault,) = parse(text).faults
    return fault.line, fault.field, fault.message


def test_every_value_has_its_line() -> None:
    document = parse("# first\na: 1\nb:\n  - x\n  - c: {d: e}\n")
    assert document.value == {"a": 1, "b": ["x", {"c": {"d": "e"}}]}
    assert document.lines[("a",)] == 2
    assert document.lines[("b",)] == 3
    assert document.lines["b", 0] == 4
    assert document.lines["b", 1, "c", "d"] == 5


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("2030-06-30", "2030-06-30"),
        ("12:30:45", "12:30:45"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("010", 10),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ('"true"', "true"),
        ("'1'", "1"),
        ("=", "="),
    ],
)
def test_plain_words_mean_what_yaml_1_2_says(written: str, value: object) -> None:
    assert parse(f"a: {written}").value == {"a": value}


def test_a_mapping_is_not_merged() -> None:
    assert parse("<<: {a: 1}\nb: 2").value == {"<<": {"a": 1}, "b": 2}


def test_a_field_written_twice_is_a_fault_at_the_second() -> None:
    assert only_fault("a: 1\nb:\n  c: 1\n  c: 2\n") == (4, "b.c", "is written twice (first in line 3)")


def test_every_repeated_field_is_reported() -> None:
    assert [fault.line for fault in parse("a: 1\na: 2\nb: 1\nb: 2\n").faults] == [2, 4]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: &x 1\n", 2, "anchors"),
        ("a: !!python/name:os.system x\n", 1, "tags"),
        ("a: !custom {b: c}\n", 1, "tags"),
        ("a: !!str 1\n", 1, "tags"),
        ("a: 1\n---\nb: 2\n", 2, "one document"),
        ("a: [1\nb: 2\n", 2, "is not YAML"),
        ("a: 1\n\tb: 2\n", 2, "is not YAML"),
        ("a: 'x\n", 2, "is not YAML"),
        ("a: 1\nb: \x07\n", 2, "control character"),
        ("", 1, "is empty"),
        ("# nothing\n", 1, "is empty"),
        ("1: x\n", 1, "not text"),
        ("true: x\n", 1, "not text"),
        ("[a]: x\n", 1, "not text"),
        ("a: 1\nb: 9007199254740993\n", 2, "too large"),
        (f"a: {'9' * 5000}\n", 1, "too large"),
        ('a: "\\ud800"\n', 1, "half a character"),
    ],
)
def test_what_is_not_plain_yaml_is_a_fault_at_its_line(text: str, line: int, reason: str) -> None:
    found, _, message = only_fault(text)
    assert found == line
    assert reason in message


def test_aliases_are_refused_before_they_grow() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefg", "bcdefgh", strict=True)
    )
    document = parse(bomb)
    assert document.value is None
    assert {fault.message.partition(" (")[0] for fault in document.faults} == {
        "must not use anchors",
        "must not use aliases",
    }


def test_deep_nesting_is_refused_before_it_is_built() -> None:
    document = parse("[" * 100_000)
    assert document.value is None
    assert "nested" in document.faults[0].message


def test_a_file_larger_than_256_kib_is_refused() -> None:
    assert parse("a: " + "x" * (LARGEST_FILE - 3)).faults == []
    assert only_fault("a: " + "x" * (LARGEST_FILE - 2)) == (None, "", "is larger than 256 KiB")


@pytest.mark.parametrize(
    "content", [b"a: 1\nb: \xff\n", "a: 1\nb: ŵ\n".encode("utf-16"), "b: é\n".encode("latin-1")]
)
def test_a_file_that_is_not_utf_8_is_refused(content: bytes) -> None:
    (fault,) = parse_document("services/x.yaml", content).faults
    assert fault.message == "is not UTF-8"


def test_a_byte_order_mark_is_not_part_of_the_text() -> None:
    assert parse_document("x", b"\xef\xbb\xbfa: 1").value == {"a": 1}


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    document = parse_document("services/x.yaml", content)
    assert (
        document.value is not None or document.faults or content.strip() in {b"~", b"null", b"Null", b"NULL"}
    )


@given(st.text(alphabet="ab:-[]{}&*!|>'\"\n \t#%@`,?~1.<=", max_size=60))
def test_no_text_of_yaml_signs_makes_reading_fail(text: str) -> None:
    parse(text)


def test_a_path_is_written_as_people_read_it() -> None:
    assert write_path(("attributes", 1, "purpose", "en")) == "attributes[1].purpose.en"
    assert write_path(("levels", "urn:example:high", "level")) == 'levels."urn:example:high".level'
    assert write_path(()) == ""
