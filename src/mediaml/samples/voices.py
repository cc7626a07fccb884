"""Something like a voice: vowels with a melody and a rhythm, but no words.

Nobody could understand it: there is no language in it, only what a spectrogram shows of one. Glottal pulses run
through formants that move from vowel to vowel, with hisses and bursts where consonants would be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mediaml.samples.signals import Floats, band, curve, sample_count, unit_rms, wander

# First three formants of ten vowels in hertz, averages of men, women and children: Peterson and Barney 1952,
# "Control methods used in a study of the vowels", table II. The order is that of heed, hid, head, had, hod, hawed,
# hood, who'd, hud, heard.
FORMANTS = np.array(
    [
        [
            [270, 2290, 3010], [390, 1990, 2550], [530, 1840, 2480], [660, 1720, 2410], [730, 1090, 2440],
            [570, 840, 2410], [440, 1020, 2240], [300, 870, 2240], [640, 1190, 2390], [490, 1350, 1690],
        ],
        [
            [310, 2790, 3310], [430, 2480, 3070], [610, 2330, 2990], [860, 2050, 2850], [850, 1220, 2810],
            [590, 920, 2710], [470, 1160, 2680], [370, 950, 2670], [760, 1400, 2780], [500, 1640, 1960],
        ],
        [
            [370, 3200, 3730], [530, 2730, 3600], [690, 2610, 3570], [1010, 2320, 3320], [1030, 1370, 3170],
            [680, 1060, 3180], [560, 1410, 3310], [430, 1170, 3260], [850, 1590, 3360], [560, 1820, 2160],
        ],
    ],
    dtype=np.float64,
)  # fmt: skip
# Mean pitch of the same speakers, in hertz, and how long their vocal tracts make the upper formants.
PITCHES = np.array([130.0, 220.0, 265.0])
UPPER = np.array([[3300.0, 3750.0], [3900.0, 4400.0], [4400.0, 5000.0]])
BANDWIDTHS = np.array([60.0, 90.0, 150.0, 250.0, 200.0])  # hertz; Klatt 1980, table I


@dataclass(frozen=True, slots=True)
class Syllable:
    """One vowel with what leads to it.

    Parameters
    ----------
    start, end
        Seconds.
    vowel
        Its place in the table of formants.
    pitch
        In hertz.
    level
        Loudness, from 0 to 1.
    onset
        ``hiss``, ``burst`` or ``none``: the consonant before it.
    last
        Whether a pause follows.
    """

    start: float
    end: float
    vowel: int
    pitch: float
    level: float
    onset: str
    last: bool


def voice(random: np.random.RandomState, seconds: float, sample_rate: int) -> Floats:
    """Return a man, a woman or a child who talks without words.

    Parameters
    ----------
    random
        Draws the speaker, the tempo and what is said.
    seconds
        Its length.
    sample_rate
        In hertz.

    Returns
    -------
    Floats
        Voiced syllables with hisses, bursts and pauses, alone: no background, any level.
    """
    length = sample_count(seconds, sample_rate)
    who = int(random.choice([0, 0, 1, 1, 2]))
    said = talk(random, seconds, PITCHES[who] * random.uniform(0.8, 1.25))
    pitch = curve(length, sample_rate, [(s.start + 0.4 * (s.end - s.start), s.pitch) for s in said])
    pitch *= 1.0 + 0.012 * wander(random, length, 25.0, sample_rate)
    breath = random.normal(size=length) * random.uniform(0.01, 0.08)
    source = (glottis(random, pitch, sample_rate) + breath) * loudness(said, length, sample_rate)
    tracks = formant_tracks(said, who, random.uniform(0.92, 1.1))
    voiced = unit_rms(through_formants(source, tracks, sample_rate))
    hisses = consonants(said, "hiss", band(random.normal(size=length), 3000.0, 8000.0, sample_rate), sample_rate)
    bursts = consonants(said, "burst", band(random.normal(size=length), 800.0, 4000.0, sample_rate), sample_rate)
    spoken: Floats = voiced + random.uniform(0.2, 0.6) * hisses + random.uniform(0.4, 1.0) * bursts
    return spoken


def talk(random: np.random.RandomState, seconds: float, pitch: float) -> list[Syllable]:
    """Draw syllables in phrases of 3 to 9, whose pitch (hertz) sinks towards the end, with pauses between."""
    length, pause = random.uniform(0.14, 0.26), random.uniform(0.15, 0.6)
    liveliness = random.uniform(0.8, 2.5)  # semitones
    place, said = float(random.uniform(0.0, 0.3)), list[Syllable]()
    while place < seconds or not said:
        count = random.randint(3, 10)
        for number in range(count):
            semitones = 3.0 - 6.0 * number / count + liveliness * random.normal()
            end = place + length * float(random.uniform(0.6, 1.5))
            said.append(
                Syllable(
                    start=place,
                    end=end,
                    vowel=int(random.randint(FORMANTS.shape[1])),
                    pitch=float(pitch * 2.0 ** (semitones / 12.0)),
                    level=float(random.uniform(0.5, 1.0)),
                    onset=str(random.choice(["hiss", "burst", "none", "none"])),
                    last=number == count - 1,
                )
            )
            place = end
        place += pause * float(random.uniform(0.5, 1.6))
    return said


def glottis(random: np.random.RandomState, pitch: Floats, sample_rate: int) -> Floats:
    """Return the change of the air flow through the vocal folds, for a pitch in hertz, one value a sample.

    The flow opens as half a cosine and closes as a quarter of one (Rosenberg 1971, pulse C); what a microphone
    hears of it is its derivative.
    """
    opening, closing = random.uniform(0.35, 0.5), random.uniform(0.1, 0.2)
    phase = np.cumsum(pitch / sample_rate) % 1.0
    rise = 0.5 - 0.5 * np.cos(np.pi * phase / opening)
    fall = np.cos(0.5 * np.pi * (phase - opening) / closing)
    flow = np.where(phase < opening, rise, np.where(phase < opening + closing, fall, 0.0))
    return unit_rms(np.diff(flow, prepend=0.0))


def loudness(said: list[Syllable], length: int, sample_rate: int) -> Floats:
    """Return the loudness of the voiced part: up in each vowel, down between two, nothing in a pause."""
    points = [(0.0, 0.0)]
    for one in said:
        span = one.end - one.start
        closed = 0.0 if one.onset != "none" else 0.3 * one.level
        points += [
            (one.start + 0.05 * span, closed),
            (one.start + 0.35 * span, one.level),
            (one.start + 0.75 * span, 0.8 * one.level),
            (one.end - 0.01 * span, 0.0 if one.last else 0.3 * one.level),
        ]
    return curve(length, sample_rate, points)


def formant_tracks(said: list[Syllable], who: int, tract: float) -> tuple[Floats, Floats]:
    """Return when (seconds) and where (hertz, [points, 5]) the formants stand; between two they glide."""
    seconds = [one.start + share * (one.end - one.start) for one in said for share in (0.3, 0.75)]
    vowels = [np.concatenate([FORMANTS[who, one.vowel], UPPER[who]]) for one in said for _ in range(2)]
    return np.asarray(seconds), tract * np.asarray(vowels)


def through_formants(source: Floats, tracks: tuple[Floats, Floats], sample_rate: int) -> Floats:
    """Return the source through five resonators in a row whose frequencies move (Klatt 1980, equation 2).

    Done frame by frame on a short-time spectrum (46 ms, half overlapping), which is quick and glides smoothly.
    """
    from scipy.signal import istft, stft

    size = 2 * round(0.023 * sample_rate)
    frequency, seconds, spectrum = stft(source, fs=sample_rate, nperseg=size, noverlap=size // 2)
    delay = np.exp(-2j * np.pi * frequency / sample_rate)[:, None]
    for number, bandwidth in enumerate(BANDWIDTHS):
        centre = np.minimum(np.interp(seconds, tracks[0], tracks[1][:, number]), 0.48 * sample_rate)[None, :]
        c = -np.exp(-2.0 * np.pi * bandwidth / sample_rate)
        b = 2.0 * np.exp(-np.pi * bandwidth / sample_rate) * np.cos(2.0 * np.pi * centre / sample_rate)
        spectrum = spectrum * (1.0 - b - c) / (1.0 - b * delay - c * delay**2)
    _, sound = istft(spectrum, fs=sample_rate, nperseg=size, noverlap=size // 2)
    return np.asarray(sound[: source.size], dtype=np.float64)


def consonants(said: list[Syllable], onset: str, noise: Floats, sample_rate: int) -> Floats:
    """Return the noise where syllables begin with this onset; hisses swell, bursts are short."""
    points = [(0.0, 0.0)]
    for one in said:
        if one.onset == onset:
            span = (one.end - one.start) * (0.35 if onset == "hiss" else 0.1)
            points += [(one.start, 0.0), (one.start + 0.4 * span, one.level), (one.start + span, 0.0)]
    return unit_rms(noise) * curve(noise.size, sample_rate, points)
