"""Feature extractors and the distances computed on features. Knows nothing of GANs: pixels in, numbers out."""

from tfgan_repro.registry import Registry

EXTRACTORS = Registry(
    "extractor",
    {
        "2015": "tfgan_repro.metrics.inception:InceptionExtractor",
        "imagenet": "tfgan_repro.metrics.imagenet:ImageNetExtractor",
        "embedded": "tfgan_repro.metrics.embedded:EmbeddedExtractor",
    },
)
RESIZES = Registry(
    "resize",
    {
        "tf1-bilinear": "tfgan_repro.metrics.resize:tf1_bilinear",
        "nearest": "tfgan_repro.metrics.resize:nearest",
        "antialias": "tfgan_repro.metrics.resize:antialias",
    },
)
