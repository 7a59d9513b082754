"""The prepared recognition models, made by `python -m ingest.build_models` and shipped as package data (see NOTICE)."""

from functools import cache
from pathlib import Path

from ingest.errors import EngineUnavailableError

__all__ = [
    "CHARACTERS",
    "DETECTOR",
    "FOLDER",
    "ORIENTATION",
    "RECOGNISER",
    "RECOGNISER_INT8",
    "characters",
    "model_path",
]

FOLDER = Path(__file__).parent
DETECTOR = "detector.onnx"
RECOGNISER = "recogniser.onnx"
RECOGNISER_INT8 = "recogniser-int8.onnx"
ORIENTATION = "orientation.onnx"
CHARACTERS = "characters.txt"


def model_path(name: str) -> Path:
    """Where a prepared model lies. Raises EngineUnavailableError if the models were not built."""
    path = FOLDER / name
    if not path.exists():
        raise EngineUnavailableError(f"the model {name} is missing: run `make models` (python -m ingest.build_models)")
    return path


@cache
def characters() -> tuple[str, ...]:
    """What each class of the recogniser stands for; class 0 is "nothing", the last one the blank between words."""
    return tuple(model_path(CHARACTERS).read_text("utf-8").split("\n"))
