"""The prepared recognition models, made by `python -m ingest.build_models` and shipped as package data (see NOTICE)."""

from functools import cache
from pathlib import Path

from ingest.errors import EngineUnavailableError

__all__ = [
    "CHARACTERS",
    "DETECTOR",
    "FOLDER",
    "ORIENTATION",
    "QUICK_CHARACTERS",
    "QUICK_RECOGNISER",
    "RECOGNISER",
    "characters",
    "model_path",
]

FOLDER = Path(__file__).parent
DETECTOR = "detector.onnx"
RECOGNISER = "recogniser.onnx"
QUICK_RECOGNISER = "quick-recogniser.onnx"
ORIENTATION = "orientation.onnx"
CHARACTERS = "characters.txt"
QUICK_CHARACTERS = "quick-characters.txt"


def model_path(name: str) -> Path:
    """Where a prepared model lies. Raises EngineUnavailableError if the models were not built."""
    path = FOLDER / name
    if not path.exists():
        raise EngineUnavailableError(f"the model {name} is missing: run `make models` (python -m ingest.build_models)")
    return path


@cache
def characters(name: str) -> tuple[str, ...]:
    """What each class of a recogniser stands for, by the name of its list: the first is "nothing", the last a blank."""
    return tuple(model_path(name).read_text("utf-8").split("\n"))
