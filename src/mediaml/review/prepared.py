"""The small files that a review page shows of one thing, made once: a page that is built again keeps them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mediaml.data.files import printable
from mediaml.review.items import Candidate
from mediaml.runtime.atomic import write_whole

FORMAT = 1  # of what is made: another one, and all is made again
MEDIA = "media"


class Prepared(BaseModel):
    """What there is to be seen and heard of a thing; names of files are relative to the page.

    Parameters
    ----------
    thumb
        A small picture for the list.
    picture
        A large one: of the sound, of the picture, or of the video.
    clip
        MP3 or MP4 with the stretch and what is around it.
    spectrogram
        Of the sound of a video.
    begins, ends
        Seconds in the clip: the stretch itself.
    length
        Seconds of the clip.
    time
        Of a video's picture that is shown, in seconds.
    width, height
        Pixels of the original picture.
    note
        What is left out, and why.
    problem
        Why there is nothing.
    """

    model_config = ConfigDict(frozen=True)

    thumb: str = ""
    picture: str = ""
    clip: str = ""
    spectrogram: str = ""
    begins: float = 0.0
    ends: float = 0.0
    length: float = 0.0
    time: float | None = None
    width: int | None = None
    height: int | None = None
    note: str = ""
    problem: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(one for one in (self.thumb, self.picture, self.clip, self.spectrogram) if one)


class UnwrittenError(Exception):
    """A file of the page could not be written: no fault of the thing that it shows.

    Parameters
    ----------
    fault
        What the system says.
    """

    def __init__(self, fault: OSError) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Shelf:
    """Where the files of one thing are put.

    Parameters
    ----------
    folder
        Of the page.
    name
        Of the files, without their endings: no other content has it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = f"{MEDIA}/{name[:2]}/{name}"

    def write(self, ending: str, content: bytes) -> str:
        """Write a file, and give its name relative to the page."""
        return self.fill(ending, lambda place: place.write_bytes(content))

    def fill(self, ending: str, writer: Callable[[Path], object]) -> str:
        """Let something write a file beside its place, move it there, and give its name relative to the page.

        Raises
        ------
        UnwrittenError
            The disk is full, or the folder cannot be written.
        """
        place = self.folder / f"{self.name}{ending}"
        beside = place.with_name(f".{secrets.token_hex(8)}.tmp")  # two things may show one stretch
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                writer(beside)
                beside.replace(place)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise UnwrittenError(error) from error
        return f"{self.name}{ending}"

    @property
    def facts(self) -> Path:
        """What was made, written last."""
        return self.folder / f"{self.name}.json"

    def kept(self) -> Prepared | None:
        """Give what was made before; None where it is not all there."""
        try:
            found = Prepared.model_validate_json(self.facts.read_bytes())
        except (OSError, ValidationError):
            return None  # not made yet, or cut off: it is made again
        whole = [(self.folder / one).is_file() and (self.folder / one).stat().st_size > 0 for one in found.files]
        return found if all(whole) else None


def prepared(one: Candidate, folder: Path, maker: Callable[[Candidate, Shelf], Prepared]) -> Prepared:
    """Give the files of a thing: those that are there, else new ones; what cannot be read has a problem instead.

    Raises
    ------
    OSError
        They cannot be written.
    """
    try:
        status = Path(one.source).stat()
        said = (one.source, status.st_size, status.st_mtime_ns, one.kind, one.sense, one.start, one.end, one.time)
        mark = hashlib.sha256(repr((FORMAT, said)).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        shelf = Shelf(folder, mark)
        if (kept := shelf.kept()) is not None:
            return kept
        made = maker(one, shelf)
    except Exception as error:  # whatever a damaged file leads FFmpeg, libsndfile and Pillow to: the page goes on
        # a film is read while its clip is written: a fault that names the film is one of reading
        if isinstance(error, UnwrittenError) and error.fault.filename != one.source:
            raise error.fault from None
        seen_in_film = one.kind == "video" and one.sense == "seen"
        return Prepared(problem=_reason(one, error), time=one.shown_at if seen_in_film else None)
    write_whole(shelf.facts, made.model_dump_json().encode())
    return made


def _reason(one: Candidate, error: Exception) -> str:
    """Say in a line why there is nothing to be shown."""
    if "://" in one.source:
        return "it lies elsewhere: download it first"
    said = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(" ".join(str(said).split()))
