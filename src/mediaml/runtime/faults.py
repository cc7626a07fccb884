"""What goes wrong inside the runtime. The library around it translates these into `mediaml.errors`."""


class Fault(Exception):
    """The root of the runtime's own errors."""


class SpecFault(Fault, ValueError):
    """A spectrogram specification, or a waveform for it, that cannot be."""


class StoreFault(Fault, ValueError):
    """A stored folder is missing, damaged, or newer than this code."""


class CheckpointFault(Fault, ValueError):
    """A checkpoint belongs to another training."""


class MXNetFault(Fault, RuntimeError):
    """MXNet is not available on this platform, or failed."""


class ForkFault(Fault, RuntimeError):
    """MXNet was loaded before this process was forked."""


class SoundFault(Fault, ValueError):
    """A sound that cannot be read."""


class EvidenceFault(Fault, ValueError):
    """There is nothing to choose on what was to be chosen."""


class JobFault(Fault, ValueError):
    """A training job was given what it cannot work with."""
