"""The one decoder of image files: any mode becomes grey or RGB of 8 bits, or a reason why not."""

from typing import Any

import numpy as np
from PIL import Image, ImageFile

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}

# EXIF's orientations (tag 274) and what brings each upright.
ORIENTATION_TAG = 274
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(source: Any) -> tuple[np.ndarray | None, str | None]:
    """Read a file as uint8 `[height, width, 3]`, as it is stored: the form in which scores take images.

    Args:
        source: a path or a binary file object.

    Returns:
        The pixels and what was converted (None for plain RGB), or None and what is wrong with the file.
    """
    image, note = read_picture(source)
    return (None if image is None else np.asarray(image.convert("RGB"))), note


def read_picture(
    source: Any, first_frame: bool = False, upright: bool = False, max_pixels: int | None = None
) -> tuple[Image.Image | None, str | None]:
    """Read a file as a Pillow image of mode L or RGB.

    Sixteen bits are divided by 257, CMYK and palettes are converted by Pillow, transparent parts are laid over white.

    Args:
        source: a path or a binary file object.
        first_frame: take the first frame of an animation instead of refusing it.
        upright: turn the picture as its EXIF data say.
        max_pixels: a picture of more is refused before it takes memory; None for Pillow's own bound.

    Returns:
        The image and what was converted (None for plain RGB), or None and what is wrong with the file.
    """
    # Half a file is an error, never half a picture; the flag is global to Pillow and some programs set it.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(source) as image:
            frames = getattr(image, "n_frames", 1)
            if not first_frame and frames > 1:
                return None, f"has {frames} frames"
            if max_pixels is not None and image.width * image.height > max_pixels:
                return None, f"declares {image.width} x {image.height} pixels"
            image.load()
    # A damaged file makes Pillow's readers raise anything: OSError, SyntaxError, struct.error, IndexError, ...
    except Exception as error:
        return None, f"cannot be decoded ({' '.join(str(error).split()) or type(error).__name__})"
    turn = UPRIGHT.get(orientation(image)) if upright else None
    flat, note = flatten(image)
    return (flat.transpose(turn) if flat and turn is not None else flat), note


def orientation(image: Image.Image) -> int:
    """The orientation in an image's EXIF data, 1 where there is none or none that can be read."""
    try:
        return image.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # as above; a picture with damaged EXIF data is a picture all the same
        return 1


def flatten(image: Image.Image) -> tuple[Image.Image | None, str | None]:
    """A loaded Pillow image as mode L or RGB, with what was converted; see `read_picture`."""
    mode = image.mode
    if mode in ("RGB", "L") and "transparency" not in image.info:
        return image, "grey" if mode == "L" else None
    if mode.startswith("I;16"):
        grey = np.asarray(image, np.uint16)
        # 65535 becomes 255; Pillow's own conversion would cut everything above 255 off.
        return Image.fromarray(((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)), "16-bit"
    if mode in ("I", "F"):
        return None, f"has 32-bit pixels (mode {mode}), whose range is unknown"
    if image.has_transparency_data:
        kept = "L" if mode in ("L", "LA", "La") else "RGB"
        layer = image.convert("RGBA")
        if np.asarray(layer)[..., 3].min() < 255:
            white = Image.new("RGBA", layer.size, "white")
            return Image.alpha_composite(white, layer).convert(kept), "transparent"
        return layer.convert(kept), "alpha"
    kinds = {"1": "black-and-white", "P": "palette", "CMYK": "CMYK"}
    return image.convert("L" if mode == "1" else "RGB"), kinds.get(mode, mode)
