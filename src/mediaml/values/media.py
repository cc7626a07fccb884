"""What a file of sound, video or both says of itself, as far as an editor's program wants to know."""

from __future__ import annotations

from fractions import Fraction

from pydantic import BaseModel, ConfigDict, Field


class FrameRate(BaseModel):
    """Pictures a second, exactly.

    Parameters
    ----------
    numerator, denominator
        ``30000`` and ``1001``: 29.97 pictures a second.
    drop_frame
        Whether timecodes leave out two numbers a minute (four at 59.94), but for every tenth minute, to keep up with
        the clock (SMPTE ST 12-1).
    """

    model_config = ConfigDict(frozen=True)

    numerator: int = Field(gt=0)
    denominator: int = Field(default=1, gt=0)
    drop_frame: bool = False

    @property
    def fps(self) -> float:
        """Pictures a second."""
        return self.numerator / self.denominator

    @property
    def fraction(self) -> Fraction:
        """Pictures a second, exactly."""
        return Fraction(self.numerator, self.denominator)

    def __str__(self) -> str:
        return f"{self.fps:.5g}{' drop-frame' if self.drop_frame else ''}"


class Media(BaseModel):
    """The streams of a file.

    Parameters
    ----------
    duration
        Seconds, of the longer one of picture and sound.
    frame_rate
        Of the picture; None: there is no picture, or it does not say.
    start_timecode
        Of the first picture, ``"01:00:00:00"``, or ``"01:00:00;00"`` for drop-frame; None: the file has none, and an
        editor counts from 0.
    width, height
        Pixels of the picture as a person sees it; 0: there is none.
    sample_rate, channels
        Of the first sound track; 0: there is none.
    sound_start
        Seconds from the first picture to the first sound; below 0 where the sound begins earlier.
    """

    model_config = ConfigDict(frozen=True)

    duration: float = Field(ge=0, allow_inf_nan=False)
    frame_rate: FrameRate | None = None
    start_timecode: str | None = None
    width: int = 0
    height: int = 0
    sample_rate: int = 0
    channels: int = 0
    sound_start: float = Field(default=0.0, allow_inf_nan=False)

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture."""
        return self.width > 0

    @property
    def has_sound(self) -> bool:
        """Whether there is a sound track."""
        return self.sample_rate > 0
