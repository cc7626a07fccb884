"""True and found boxes, drawn into a picture for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from mediaml.data.files import printable
from mediaml.values.detection_report import Hit, confidence_of
from mediaml.values.geometry import Box
from mediaml.values.prediction import percentage

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

Colour = tuple[int, int, int]
Place = tuple[float, float, float, float]
"""Left, top, right and bottom in the drawing."""

# told apart by people who see few colours, too (Okabe & Ito 2008, "Color universal design")
BLUE, YELLOW, RED = (0, 114, 178), (240, 228, 66), (213, 94, 0)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
LARGEST = 4.0  # how far small pictures are enlarged
DASH, GAP = 8, 4
OUTSIDE = 10.0  # pixels: an edge there is not seen, and no nearer than it is
FONT_SIZE, MARGIN = 13, 3
LONGEST_NAME = 20


class Tag(NamedTuple):
    """What stands at a box, and how; a tag that has to be shown stands on others where there is no room."""

    text: str
    colour: Colour
    ink: Colour
    box: Place
    has_to: bool


def drawn(image: Image, hits: Sequence[Hit], missed: Sequence[Box], false: Sequence[Box], side: int = 560) -> Image:
    """Draw boxes into a copy of a picture.

    Found ones are solid and blue with label and confidence, the true ones thin, dashed and white. What was missed is
    dashed and red and says so; what is false is yellow, crossed out and says so.

    Parameters
    ----------
    image
        Upright, in colours.
    hits, missed, false
        In its pixels.
    side
        Pixels of the longer side of the drawing; the picture is made smaller, or up to four times larger.
    """
    from PIL import ImageDraw

    picture, factor = _sized(image, side)
    pen = ImageDraw.Draw(picture)

    def place(box: Box) -> Place:
        return _place(box, factor, picture.size)

    for hit in hits:
        _dashed(pen, place(hit.truth), WHITE, 1)
        _solid(pen, place(hit.found), BLUE)
    for box in false:
        _crossed(pen, place(box), YELLOW)
    for box in missed:
        _dashed(pen, place(box), RED, 3)
    tags = [
        *(Tag(f"missed: {_name(box)}", RED, WHITE, place(box), True) for box in missed),
        *(Tag(f"false: {_sure(box)}", YELLOW, BLACK, place(box), True) for box in false),
        *(Tag(_sure(hit.found), BLUE, WHITE, place(hit.found), False) for hit in hits),
    ]
    _write(pen, tags, picture.size)
    return picture


def outlined(image: Image, boxes: Sequence[Box], true_width: int, side: int) -> Image:
    """Draw boxes into a copy of a picture, each with its label and, where somebody gave one, its confidence.

    Parameters
    ----------
    image
        Upright, in colours.
    boxes
        In pixels of the picture as large as it truly is.
    true_width
        Its pixels across: the image may be a smaller copy.
    side
        Pixels of the longer side of the drawing; the image is made smaller, or up to four times larger.
    """
    from PIL import ImageDraw

    picture, _ = _sized(image, side)
    pen = ImageDraw.Draw(picture)
    places = [_place(box, picture.width / true_width, picture.size) for box in boxes]
    for place in places:
        _solid(pen, place, BLUE)
    names = [_name(box) if box.confidence is None else _sure(box) for box in boxes]
    _write(pen, [Tag(name, BLUE, WHITE, place, False) for name, place in zip(names, places, strict=True)], picture.size)
    return picture


def _sized(image: Image, side: int) -> tuple[Image, float]:
    """Copy a picture in colours, its longer side so many pixels, and give by how much it has become larger."""
    factor = min(LARGEST, side / max(image.size))
    width, height = (max(1, round(length * factor)) for length in image.size)
    return image.convert("RGB").resize((width, height)), factor


def _place(box: Box, factor: float, size: tuple[int, int]) -> Place:
    """Give the corners in the drawing: in order, for a box of a file may have a negative width, and not far outside."""

    def edges(one: float, other: float, length: int) -> tuple[float, float]:
        low, high = sorted((one * factor, other * factor))
        return max(-OUTSIDE, min(low, length + OUTSIDE)), max(-OUTSIDE, min(high, length + OUTSIDE))

    (left, right), (top, bottom) = edges(box.left, box.right, size[0]), edges(box.top, box.bottom, size[1])
    return left, top, right, bottom


def _name(box: Box) -> str:
    name = printable(box.label)
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _sure(box: Box) -> str:
    return f"{_name(box)} {percentage(confidence_of(box))}"


def _solid(pen: ImageDraw, place: Place, colour: Colour) -> None:
    left, top, right, bottom = place
    pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=WHITE, width=1)
    pen.rectangle(place, outline=colour, width=2)


def _crossed(pen: ImageDraw, place: Place, colour: Colour) -> None:
    left, top, right, bottom = place
    for ink, width in ((BLACK, 3), (colour, 1)):
        pen.line((left, top, right, bottom), fill=ink, width=width)
        pen.line((left, bottom, right, top), fill=ink, width=width)
    pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=BLACK, width=4)
    pen.rectangle(place, outline=colour, width=2)


def _dashed(pen: ImageDraw, place: Place, colour: Colour, width: int) -> None:
    """Draw dashes with black between them, so that neither light nor dark pictures swallow them."""
    left, top, right, bottom = (round(edge) for edge in place)
    pen.rectangle((left, top, right, bottom), outline=BLACK, width=width)
    inner_right, inner_bottom = right - width + 1, bottom - width + 1
    for start in range(left, right + 1, DASH + GAP):
        end = min(start + DASH, right + 1) - 1
        for edge in (top, inner_bottom):
            pen.rectangle((start, edge, end, edge + width - 1), fill=colour)
    for start in range(top, bottom + 1, DASH + GAP):
        end = min(start + DASH, bottom + 1) - 1
        for edge in (left, inner_right):
            pen.rectangle((edge, start, edge + width - 1, end), fill=colour)


def _write(pen: ImageDraw, tags: Sequence[Tag], size: tuple[int, int]) -> None:
    """Write the tags where they hide no other; those that need not be shown are left out where there is no room."""
    from PIL import ImageFont

    font = ImageFont.load_default(FONT_SIZE)
    taken: list[Place] = []
    for tag in tags:
        places = _places(tag, _size(tag.text, font), size)
        free = next((place for place in places if not any(_touch(place, other) for other in taken)), None)
        if free is None and not tag.has_to:
            continue
        place = free or places[0]
        taken.append(place)
        pen.rectangle(place, fill=tag.colour, outline=BLACK)
        pen.text((place[0] + MARGIN, place[1] + MARGIN - 1), tag.text, fill=tag.ink, font=font)


def _size(text: str, font: FreeTypeFont | ImageFont) -> tuple[float, float]:
    left, _, right, _ = font.getbbox(text)
    return right - left + 2 * MARGIN, FONT_SIZE + 2 * MARGIN


def _places(tag: Tag, own: tuple[float, float], size: tuple[int, int]) -> list[Place]:
    """Give where a tag may stand: above its box, at its upper edge, at its lower one, and below; always in sight."""
    left, top, right, bottom = tag.box
    width, height = own
    found = []
    for x in (left, right - width):
        for y in (top - height, top, bottom - height, bottom):
            seen_x, seen_y = max(0.0, min(x, size[0] - 1 - width)), max(0.0, min(y, size[1] - 1 - height))
            found.append((seen_x, seen_y, seen_x + width, seen_y + height))
    return found


def _touch(one: Place, other: Place) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
