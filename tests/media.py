"""Small videos and sounds made by ffmpeg itself, and what it says of them: the oracle of everything about video."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg


def ffmpeg(*arguments: str | Path) -> str:
    """Run ffmpeg, and give what it says."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


def numbered(path: Path, *coding: str, rate: str = "25", seconds: float = 4.0, sound: bool = False) -> Path:
    """A video whose grey tells each picture's number (from 16 on), with a tone where asked for."""
    lum = f"nullsrc=size=64x64:rate={rate}:duration={seconds},geq=lum='16+N':cb=128:cr=128"
    tone = ["-f", "lavfi", "-i", f"sine=440:sample_rate=16000:duration={seconds}"] if sound else []
    coded = coding or ("-c:v", "libx264", "-qp", "0", "-g", "50", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg("-f", "lavfi", "-i", lum, *tone, *coded, path)
    return path


def coloured(path: Path, scenes: Sequence[tuple[str, float]], rate: int = 10, sound: Path | None = None) -> Path:
    """A video of plain noisy colours, one after another, with a sound where given."""
    inputs: list[str | Path] = []
    for name, seconds in scenes:
        inputs += ["-f", "lavfi", "-i", f"color={name}:size=96x64:rate={rate}:duration={seconds},noise=alls=6:allf=t"]
    joined = "".join(f"[{number}:v]" for number in range(len(scenes))) + f"concat=n={len(scenes)}:v=1[v]"
    if sound is not None:
        inputs += ["-i", sound]
    maps = ["-map", "[v]", *(["-map", f"{len(scenes)}:a"] if sound is not None else [])]
    ffmpeg(*inputs, "-filter_complex", joined, *maps, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "flac", path)
    return path


def late_sound(path: Path, sound: Path, by: float, seconds: float = 8.0) -> Path:
    """A film whose sound begins later than its picture."""
    film = numbered(path.with_name(f"mute-{path.name}"), seconds=seconds)
    ffmpeg(
        "-i",
        film,
        "-itsoffset",
        str(by),
        "-i",
        sound,
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c:v",
        "copy",
        "-c:a",
        "flac",
        path,
    )
    return path


def shown_times(path: Path) -> list[float]:
    """The times of all pictures as ffmpeg gives them, from the first one on."""
    said = ffmpeg("-i", path, "-an", "-vf", "showinfo", "-fps_mode", "passthrough", "-f", "null", "-")
    times = [float(time) for time in re.findall(r"pts_time:\s*(\S+)", said)]
    return [time - times[0] for time in times]


def numbers_shown(path: Path) -> list[int]:
    """The numbers that `numbered` wrote into the pictures, as ffmpeg decodes them."""
    said = ffmpeg("-i", path, "-an", "-vf", "extractplanes=y,showinfo", "-fps_mode", "passthrough", "-f", "null", "-")
    return [round(float(mean)) - 16 for mean in re.findall(r"mean:\[([\d.]+)", said)]
