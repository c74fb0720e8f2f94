"""The parser of all commands: errors are one line, mistyped options get suggestions, and the shell can complete."""

import argparse
import difflib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from tfgan_repro.errors import UserError, shortened

# How a command is started in a checkout; its console script is called tfgan- and the last word.
IN_A_CHECKOUT = re.compile(r"python (?:-m tfgan_repro\.)?(\w+)(?:\.py)?\b")
RATES = "--generator-learning-rate and --discriminator-learning-rate"
# What other programs call these options.
FOREIGN = {
    **dict.fromkeys(("--lr", "--learning-rate"), RATES),
    **dict.fromkeys(("--lr-g", "--g-lr", "--lrg"), "--generator-learning-rate"),
    **dict.fromkeys(("--lr-d", "--d-lr", "--lrd"), "--discriminator-learning-rate"),
    **dict.fromkeys(("--n-epochs", "--num-epochs", "--nepoch", "--niter"), "--epochs"),
    **dict.fromkeys(("--iterations", "--iters", "--max-steps", "--num-steps", "--n-steps", "--kimg"), "--steps"),
    **dict.fromkeys(("--bs", "--batch"), "--batch-size"),
    **dict.fromkeys(("--nz", "--z-dim", "--latent-size", "--noise-dim"), "--latent-dim"),
    **dict.fromkeys(("--imsize", "--img-size", "--resolution", "--size"), "--image-size"),
    **dict.fromkeys(("--data", "--dataroot", "--data-path", "--datasets"), "--dataset folder:PATH"),
    **dict.fromkeys(("--outdir", "--out", "--output-dir", "--logdir", "--log-dir"), "--run-dir or --results-dir"),
    **dict.fromkeys(("--n-critic", "--critic-iters", "--d-steps"), "--discriminator-steps"),
    **dict.fromkeys(("--gpu", "--gpus", "--num-gpus", "--device"), "--strategy"),
    **dict.fromkeys(("--fp16", "--amp", "--mixed-precision"), "--precision"),
    **dict.fromkeys(("--ema", "--ema-decay"), "--ema-half-life"),
    **dict.fromkeys(("--mirror", "--hflip"), "--flip"),
    **dict.fromkeys(("--ngf", "--ndf", "--base-channels"), "--width"),
    **dict.fromkeys(("--augment", "--aug", "--diffaug", "--diffaugment"), "--augmentation"),
    **dict.fromkeys(("--ada-target", "--aug-target", "--target"), "--augmentation-target"),
    **dict.fromkeys(("--ada-p", "--aug-p", "--aug-prob"), "--augmentation-probability"),
    **dict.fromkeys(("--finetune", "--fine-tune", "--init-from", "--pretrained", "--transfer"), "--from"),
    **dict.fromkeys(("--freezed", "--freeze-d", "--freeze-layers"), "--freeze-discriminator"),
    **dict.fromkeys(("--b1", "--beta1"), "--beta-1"),
    **dict.fromkeys(("--b2", "--beta2"), "--beta-2"),
    **dict.fromkeys(("--num-samples", "--n-samples", "--num-images"), "--fid-samples or --count"),
    **dict.fromkeys(("--arch", "--network", "--gan"), "--model"),
    "--r1-gamma": "--penalty r1:WEIGHT",
    "--random-seed": "--seed",
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, without the usage before them.

    Where argcomplete is installed and the shell asks for it, it completes options, and values that have names.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.words: list[str] = []
        self.register("type", int, whole_number)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self.words = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        # Set by the shell's completion only, so that nobody else waits for the import.
        if "_ARGCOMPLETE" in os.environ:
            import argcomplete

            argcomplete.autocomplete(self)
        known, others = self.parse_known_args(args, namespace)
        if others:
            self.error(self.not_understood(others))
        return known

    def not_understood(self, words: list[str]) -> str:
        """What is said of words that no option takes: of the first option among them, else of the first."""
        option = next((word for word in words if word.startswith("-") and len(word) > 2), None)
        if option is None:
            return f"{shortened(words[0])!r}: a word too many"
        name = option.partition("=")[0].lower().replace("_", "-")
        known = sorted(self.options())
        near = FOREIGN.get(name, "")
        if not near or near.split()[0] not in known:
            near = name if name in known else " or ".join(difflib.get_close_matches(name, known, n=2, cutoff=0.7))
        hint = f"; did you mean {near}?" if near else ""
        return f"unknown option {shortened(option)}{hint}"

    def options(self) -> Iterator[str]:
        """All options of the parser and of its commands."""
        for action in self._actions:
            yield from (option for option in action.option_strings if option.startswith("--"))
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    yield from parser.options()

    def error(self, message: str) -> NoReturn:
        if "arguments are required" in message:
            # Perhaps it is there, and mistyped.
            known = set(self.options())
            strange = [word for word in self.words if word.startswith("--") and word.partition("=")[0] not in known]
            message = self.not_understood(strange) if strange else message
        raise UserError(f"{message if len(message) < 200 else shortened(message)} (see {self.prog} --help)")


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps descriptions as written and gives option names room."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=36)


def command_parser(name: str, description: str, **options: Any) -> Parser:
    """The parser of a command, which calls itself, and is called in its examples, as the user has called it.

    Args:
        name: how the command is started in a checkout, e.g. `python train.py`.
        description: its purpose and examples, with the commands as in a checkout.
        options: of `argparse.ArgumentParser`.
    """
    if Path(sys.argv[0]).name.startswith("tfgan-"):
        name, description = (IN_A_CHECKOUT.sub(r"tfgan-\1", text) for text in (name, description))
    return Parser(prog=name, description=description, formatter_class=Formatter, allow_abbrev=False, **options)


def whole_number(word: str) -> int:
    """The number that a word means: "30000", "30_000", and "3e4" too.

    Raises:
        argparse.ArgumentTypeError: it means none.
    """
    try:
        return int(word)
    except ValueError:
        pass
    try:
        number = float(word)
        # Beyond that a float is no longer exact.
        if number.is_integer() and abs(number) < 2**53:
            return int(number)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{shortened(repr(word))} is no whole number")
