"""The one decoder of image files: any mode and depth, as training and scores take them."""

from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps


def decode(source: Any, upright: bool = False) -> tuple[np.ndarray | None, str | None]:
    """Read a file as uint8 `[height, width, 3]`: the form in which scores take images.

    Args:
        source: a path or a binary file object.
        upright: as in `read_picture`; scores take pictures as they are stored.

    Returns:
        The pixels and what was converted (None for plain RGB), or None and what is wrong with the file.
    """
    image, note = read_picture(source, upright)
    return (None if image is None else np.asarray(image.convert("RGB"))), note


def read_picture(
    source: Any, upright: bool = False, max_pixels: int | None = None
) -> tuple[Image.Image | None, str | None]:
    """Read a file as a Pillow image of mode L or RGB.

    Sixteen bits of grey are divided by 257, of colours Pillow keeps the upper eight; CMYK and palettes Pillow converts;
    transparent parts are laid over white.
    Of an animation, or of a telephone's picture that holds several, the first frame counts.

    Args:
        source: a path or a binary file object.
        upright: turn the picture as its EXIF data say.
        max_pixels: a picture of more is refused before it takes memory; None for Pillow's own bound.

    Returns:
        The image and what was converted (None for plain RGB), or None and what is wrong with the file.
    """
    # Half a file is an error, never half a picture; the flag is global to Pillow and some programs set it.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(source) as image:
            if max_pixels is not None and image.width * image.height > max_pixels:
                return None, f"declares {image.width} x {image.height} pixels"
            image.load()
            # A copy, because a look at the frames behind the first one replaces it.
            first = image.copy() if hasattr(image, "is_animated") else image
            first = turned_upright(first) if upright else first
            many = has_more_frames(image)
    # A damaged file makes Pillow's readers raise anything: OSError, SyntaxError, struct.error, IndexError, ...
    except Exception as error:
        return None, f"cannot be decoded ({' '.join(str(error).split()) or type(error).__name__})"
    # Pillow scales all greys of this kind of file to 16 bits.
    flat, note = flatten(first.convert("I;16") if first.mode == "I" and image.format == "PPM" else first)
    if flat and many:
        note = "multi-frame"
    return flat, note


def has_more_frames(image: Image.Image) -> bool:
    """Whether a file holds frames beyond the first, which is loaded; damage behind that one is no matter."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:
        return False


def turned_upright(image: Image.Image) -> Image.Image:
    """An image turned as its EXIF data say, if they can be read."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # as above; a picture with damaged EXIF data is a picture all the same
        return image


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
