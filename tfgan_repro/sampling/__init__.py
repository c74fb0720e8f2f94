"""A trained generator at work: pictures, films, attention maps, exports, and what reports show of it."""

from tfgan_repro.registry import Entry, Registry

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

OPTIONS = ("count", "classes", "truncation")
# The ways of using a generator: each a function of a `Checkpoint` and a `Request`, which returns a line on what it has
# made. `suffixes` are those of its outputs, the empty one a folder's; `count` is what `--count` is where nothing is
# said, absent where there is nothing to count; `options` are those of a `Request` that mean something here and not
# everywhere.
MODES = Registry(
    "mode",
    {
        "pictures": Entry(
            "tfgan_repro.sampling.pictures:write_pictures", suffixes=tuple(WRITERS), count=64, options=OPTIONS
        ),
        "class-sweep": Entry(
            "tfgan_repro.sampling.pictures:write_class_sweep", suffixes=tuple(WRITERS), count=8, options=OPTIONS
        ),
        "interpolate": Entry(
            "tfgan_repro.sampling.interpolation:write_film",
            suffixes=(".gif", ".mp4"),
            count=16,
            options=(*OPTIONS, "frames"),
        ),
        "attention": Entry(
            "tfgan_repro.sampling.attention:write_attention", suffixes=(".png",), count=4, options=OPTIONS
        ),
        "export": Entry("tfgan_repro.sampling.export:write_export", suffixes=("",), options=("export",)),
    },
)
