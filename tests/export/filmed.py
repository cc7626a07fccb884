"""Small videos whose pictures bear their numbers, and ffmpeg itself, which reads them back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from mediaml.values.geometry import Segment
from mediaml.values.media import Media
from mediaml.values.reel import Find
from mediaml.values.timeline import Event

FPS = 25
DIGIT = "floor(mod(N/pow(10\\,2-floor(X*3/W))\\,10))"  # hundreds, tens and ones of a picture's number, side by side
SOUND = "aevalsrc='0.4*sin(2*PI*(200+150*t)*t)+0.2*sin(2*PI*(1000+70*t*t)*t)':s=48000"  # no two moments alike


def ffmpeg(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg; whatever it says on the way is the test's."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)


def film(path: Path, *options: str, seconds: int = 6, fps: str = "25", sound: bool = True) -> Path:
    """Make a video; picture N bears the number N."""
    picture = f"color=black:s=192x64:r={fps}:d={seconds},format=yuv420p,geq=lum='20+20*{DIGIT}':cb=128:cr=128"
    given = ["-f", "lavfi", "-i", picture, *(["-f", "lavfi", "-i", f"{SOUND}:d={seconds}"] if sound else [])]
    done = ffmpeg("-v", "error", "-y", *given, *options, path)
    assert done.returncode == 0, done.stderr.decode()
    return path


def h264(*options: str) -> tuple[str, ...]:
    """Options of a usual MP4: a key picture every two seconds, B-frames, and AAC that does not throw dice."""
    return ("-c:v", "libx264", "-g", "50", "-bf", "3", "-crf", "10", "-c:a", "aac", "-aac_pns", "0", *options)


def seen(path: Path) -> list[int]:
    """The numbers on the pictures that a player shows, as ffmpeg decodes them; nothing in it may be damaged."""
    shape = "scale=6:2:flags=area:out_range=tv,format=yuv420p"
    done = ffmpeg(
        *("-v", "error", "-noautorotate", "-i", path, "-map", "0:v:0", "-vf", shape),
        *("-fps_mode", "passthrough", "-f", "image2pipe", "-c:v", "rawvideo", "-"),
    )
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    pictures = np.frombuffer(done.stdout, np.uint8).reshape(-1, 18)[:, :12].reshape(-1, 2, 3, 2).mean(axis=(1, 3))
    digits = np.rint((pictures - 20) / 20).astype(int)
    return [int(number) for number in digits @ (100, 10, 1)]


def heard(path: Path, rate: int = 48000) -> npt.NDArray[np.float32]:
    """The first sound track, mono, as ffmpeg decodes it."""
    done = ffmpeg("-v", "error", "-i", path, "-map", "0:a:0", "-f", "f32le", "-ac", "1", "-ar", str(rate), "-")
    assert done.returncode == 0, done.stderr.decode()
    return np.frombuffer(done.stdout, np.float32)


def told(path: Path) -> str:
    """What ffmpeg says of a file."""
    return ffmpeg("-i", path).stderr.decode()


def find(
    source: Path | str, start: float, end: float, label: str = "dog bark", confidence: float = 0.97, model: str = "",
    media: Media | None = None,
) -> Find:  # fmt: skip
    """An event in a file."""
    event = Event(label=label, segment=Segment(start=start, end=end), confidence=confidence, model=model)
    return Find(source=str(source), event=event, media=media)
