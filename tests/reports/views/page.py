"""A view, read as a browser would."""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser
from typing import Any

import numpy.typing as npt
import soundfile
from PIL import Image

EMPTY = {"img", "line", "circle", "col", "br"}


class Seen(HTMLParser):
    """The elements of a view with their attributes, and its text; what is not closed in order is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def pictures(self) -> list[Image.Image]:
        return [Image.open(io.BytesIO(_content(one["src"]))) for one in self.all("img")]

    @property
    def sounds(self) -> list[tuple[npt.NDArray[Any], int]]:
        return [soundfile.read(io.BytesIO(_content(one["src"]))) for one in self.all("audio")]

    @property
    def bars(self) -> list[float]:
        """The lengths of all bars, 0 to 1."""
        styles = [one["style"] for one in self.all("span") if one.get("class") == "bar"]
        return [float(style.removeprefix("--share:")) for style in styles]


def view(value: Any) -> Seen:
    return Seen(value._repr_html_())


def _content(address: str) -> bytes:
    return base64.b64decode(address.partition(",")[2])
