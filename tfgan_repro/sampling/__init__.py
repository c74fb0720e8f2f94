"""A trained generator at work: pictures, films, attention maps, exports, and what reports show of it."""

from dataclasses import dataclass

from tfgan_repro.registry import Registry

# Each takes a path and a `PictureStream`.
WRITERS = Registry(
    "kind of output",
    {
        ".png": "tfgan_repro.sampling.pictures:write_grid",
        ".npz": "tfgan_repro.sampling.pictures:write_npz",
        ".zip": "tfgan_repro.sampling.pictures:write_zip",
        "": "tfgan_repro.sampling.pictures:write_folder",
    },
)
# Each a `Format`.
EXPORTS = Registry(
    "export format",
    {
        "saved_model": "tfgan_repro.sampling.formats:SAVED_MODEL",
        "keras": "tfgan_repro.sampling.formats:KERAS",
        "onnx": "tfgan_repro.sampling.formats:ONNX",
    },
)
WRITTEN_BY_TENSORFLOW = ("saved_model", "onnx")


@dataclass(frozen=True)
class Mode:
    """A way of using a generator.

    Attributes:
        place: of a function of a `Checkpoint` and a `Request`, which returns a line on what it has made.
        suffixes: of its outputs; the empty one is a folder.
        count: what `--count` is where nothing is said, or None where there is nothing to count.
        options: of a `Request`, those that mean something here and not everywhere.
    """

    place: str
    suffixes: tuple[str, ...]
    count: int | None
    options: tuple[str, ...]


OPTIONS = ("count", "classes", "truncation")
MODES = {
    "pictures": Mode("tfgan_repro.sampling.pictures:write_pictures", tuple(WRITERS), 64, OPTIONS),
    "class-sweep": Mode("tfgan_repro.sampling.pictures:write_class_sweep", tuple(WRITERS), 8, OPTIONS),
    "interpolate": Mode("tfgan_repro.sampling.interpolation:write_film", (".gif", ".mp4"), 16, (*OPTIONS, "frames")),
    "attention": Mode("tfgan_repro.sampling.attention:write_attention", (".png",), 4, OPTIONS),
    "export": Mode("tfgan_repro.sampling.export:write_export", ("",), None, ("export",)),
}
MODE_FUNCTIONS = Registry("mode", {name: mode.place for name, mode in MODES.items()})
