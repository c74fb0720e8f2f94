"""All named models: the classes behind `train.py --model`."""

from tfgan_repro.models.conv_fc import ConvFC
from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.r3gan import R3GAN
from tfgan_repro.models.resnet import SAGANResNet, SNGANResNet
from tfgan_repro.models.sagan import SAGAN
from tfgan_repro.models.sndcgan import SNDCGAN
from tfgan_repro.models.wgan_gp import WGANGP, WGANGPACGAN

__all__ = ["DCGAN", "SAGAN", "WGANGP", "WGANGPACGAN", "ConvFC", "SNDCGAN", "SNGANResNet", "SAGANResNet", "R3GAN"]
