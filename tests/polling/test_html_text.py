"""HTML to text: what is shown, what is not, and how long it takes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.html_text import to_text

MILLION = 1_000_000

HOSTILE = [
    "<",
    "<a ",
    "<!--",
    "<!",
    "</",
    "&",
    "&am",
    "&#1",
    "&#11111111",
    "<script>",
    "<head>",
    "<title>",
    "<div>",
    "<p> a ",
    '<a b="',
    "<a b='\"",
    "<a =",
    "<br>",
    "\x01 ",
    " \n",
]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Bonjour", "Bonjour"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<p>a</p>\n\n  <p>b</p>\n", "a\n\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<div>a<br></div>b", "a\nb"),
        ("<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>", "a b\nc"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("a\n b\t  c", "a b c"),
        ("<b>a</b>b <i>c</i>", "ab c"),
        ("a&nbsp;&amp;&eacute;&#233;&lt;b&gt;", "a &éé<b>"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ('<img alt="a > b">c', "c"),
        ("<a title=it's>b</a>c", "bc"),
        ('<p title="don\'t">b</p>c', "b\n\nc"),
        ("<o:p>a</o:p>", "a"),
        ("<brand>a</brand>b", "ab"),
    ],
)
def test_html_becomes_the_text_a_person_reads(html: str, text: str) -> None:
    assert to_text(html) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>if (a<b) x()</script>",
        "<SCRIPT type='x'>a</SCRIPT >",
        "<style>p { color: red }</style>",
        "<head><meta charset='utf-8'><title>t</title>stray</head>",
        "<title>t</title>",
        "<!-- a > b -->",
        "<!-->",
        "<!--[if mso]><p>Outlook</p><![endif]-->",
        "<![if !mso]><![endif]>",
        "<!DOCTYPE html>",
        "<?xml version='1.0'?>",
    ],
)
def test_what_is_not_shown_is_left_out(hidden: str) -> None:
    assert to_text(f"a{hidden}b") == "ab"


def test_a_link_keeps_its_visible_text() -> None:
    assert to_text('Voir <a href="https://x.example/">ici</a>.') == "Voir ici."


def test_there_are_at_most_two_blank_lines_in_a_row() -> None:
    assert to_text("a" + "<br>" * 9 + "b") == "a\n\n\nb"


def test_nested_blocks_are_one_line_break() -> None:
    assert to_text("a<table><tr><td><div>b</div></td></tr></table>c") == "a\nb\nc"


def test_a_head_without_an_end_ends_at_the_body() -> None:
    assert to_text("<head><meta x><body>a") == "a"


def test_a_head_without_any_end_hides_nothing() -> None:
    assert to_text("<head><meta x><p>a</p>") == "a"


def test_an_unterminated_script_hides_the_rest() -> None:
    assert to_text("a<script>b<p>c") == "a"


def test_a_tag_cut_off_at_the_end_is_left_out() -> None:
    assert to_text('<p>a</p><a href="https://x') == "a"


def test_an_endless_character_number_is_no_error() -> None:
    assert to_text("a&#" + "1" * 5000 + ";b") == "a\ufffdb"


@given(st.text(alphabet=st.sampled_from("<>/!-&#;=\"' abrpscitx\x01\x03\n")) | st.text())
def test_any_text_is_accepted(html: str) -> None:
    text = to_text(html)
    assert "\n\n\n\n" not in text
    assert "\x01" not in text


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_html_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    to_text(piece * (MILLION // len(piece)))
    assert time.process_time() - started < 2
