"""What a user asks of a trained generator, checked before anything is loaded."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfgan_repro.backends import require_tensorflow
from tfgan_repro.choices import as_whole, check_positive, option_name
from tfgan_repro.errors import UserError, require_package
from tfgan_repro.sampling import EXPORTS, MODES, WRITTEN_BY_TENSORFLOW

# Packages that only some outputs need, and the extra that brings them.
EXTRAS: dict[str | None, tuple[str, tuple[str, ...]]] = {
    ".mp4": ("video", ("imageio-ffmpeg",)),
    "onnx": ("onnx", ("tf2onnx", "onnx", "onnxruntime")),
}
FRAMES = 96


@dataclass(frozen=True)
class Request:
    """One call of `tfgan-generate`.

    Attributes:
        output: a file, whose suffix says what is made, or a folder.
        mode: a name in `MODES`.
        count: pictures, or what the mode counts; None for the mode's own number.
        classes: names or numbers, or None for all.
        seed: of the latents and, where classes are not chosen, of their order.
        truncation: bound on every value of the latents, or None.
        frames: of a film, or None for 96.
        batch_size: pictures that the generator makes at once.
        export: a name in `EXPORTS`, in that mode.
        force: whether a file that exists is replaced.

    Raises:
        UserError: a value out of range, an option that means nothing in this mode, an output that cannot be, or one
            that needs a package which is not installed or another backend.
    """

    output: str
    mode: str = "pictures"
    count: int | None = None
    classes: tuple[str, ...] | None = None
    seed: int = 1
    truncation: float | None = None
    frames: int | None = None
    batch_size: int = 250
    export: str | None = None
    force: bool = False

    def __post_init__(self) -> None:
        if self.export is not None:
            EXPORTS.check(self.export)
        if self.export in WRITTEN_BY_TENSORFLOW:
            require_tensorflow(f"--export {self.export}")
        for name in ("count", "classes", "truncation", "frames"):
            if getattr(self, name) is not None and name not in MODES.fact(self.mode, "options"):
                raise UserError(f"--{name} does not go with {described(self.mode)}")
        for name, low in (("count", 1), ("seed", 0), ("frames", 2), ("batch_size", 1)):
            if (value := getattr(self, name)) is not None:
                as_whole(option_name(name), value, low)
        check_positive("--truncation", self.truncation)
        check_suffix(self.output, self.mode)
        for needed in (self.suffix, self.export):
            extra, packages = EXTRAS.get(needed, ("", ()))
            for package in packages:
                require_package(package.replace("-", "_"), package, str(needed), extra)
        check_output(self.output, self.suffix, self.force)

    @property
    def suffix(self) -> str:
        """The output's suffix in small letters; empty for a folder."""
        return suffix_of(self.output)

    @property
    def frame_count(self) -> int:
        """`frames`, or as many as a film has where nothing is said."""
        return FRAMES if self.frames is None else self.frames

    @property
    def number(self) -> Any:
        """`count`, or the mode's own, which is None where there is nothing to count."""
        return MODES.fact(self.mode, "count") if self.count is None else self.count


def described(mode: str) -> str:
    """A mode in a sentence."""
    return "single pictures" if mode == "pictures" else f"--{mode}"


def suffix_of(output: str) -> str:
    """As `Request.suffix`: what ends in a slash or is a folder already has none."""
    if output.endswith(("/", os.sep)) or os.path.isdir(output):
        return ""
    return Path(output).suffix.lower()


def check_suffix(output: str, mode: str) -> None:
    """Raise a `UserError` where a mode cannot write an output of this suffix."""
    suffix, allowed = suffix_of(output), MODES.fact(mode, "suffixes")
    if suffix in allowed:
        return
    kinds = [known or "a folder" for known in allowed]
    others = [name for name in MODES if suffix in MODES.fact(name, "suffixes") and suffix]
    hint = f"; {suffix} goes with {' or '.join(map(described, others))}" if others else ""
    raise UserError(f"--output {output}: {described(mode)} can be written to {' or '.join(kinds)}{hint}")


def check_output(output: str, suffix: str, force: bool) -> None:
    """Raise a `UserError` where the output exists and may not be replaced, or has no place to be in."""
    path = Path(output)
    if not path.absolute().parent.is_dir():
        raise UserError(f"--output {output}: there is no folder {path.parent}; make it first")
    if not suffix:
        if path.is_dir() and any(path.iterdir()):
            raise UserError(
                f"--output {output}: the folder is not empty; choose another (--force replaces single files only)"
            )
        if os.path.lexists(path) and not path.is_dir():
            raise UserError(f"--output {output} exists and is not a folder; choose another name")
    elif path.exists() and not force:
        raise UserError(f"--output {output} exists already; replace it with --force, or choose another name")
