"""Programs that read text from images, chosen by name: `ppocr`, `tesseract`, `null`."""

from importlib import import_module

from ingest.engines.interface import OcrEngine
from ingest.errors import EngineUnavailableError

__all__ = ["ENGINES", "default_engine", "open_engine"]

#: name -> (module, class, what to install when its libraries are missing); best first
ENGINES = {
    "ppocr": ("ingest.engines.ppocr", "PpOcrEngine", "pip install onnxruntime opencv-python-headless"),
    "tesseract": ("ingest.engines.tesseract", "TesseractEngine", "pip install pytesseract opencv-python-headless"),
    "null": ("ingest.engines.null", "NullEngine", ""),
}


def open_engine(name: str) -> OcrEngine:
    """The engine of that name, ready to read. Raises EngineUnavailableError, which says what to install."""
    if name not in ENGINES:
        raise EngineUnavailableError(f"there is no engine {name!r}: choose one of {', '.join(ENGINES)}")
    module, class_name, install = ENGINES[name]
    try:
        engine: OcrEngine = getattr(import_module(module), class_name)()
    except ImportError as error:
        raise EngineUnavailableError(f"the engine {name} lacks {error.name}: {install}") from error
    return engine


def default_engine() -> OcrEngine:
    """The best engine that works here and reads something. Raises EngineUnavailableError if none does."""
    missing = []
    for name in ("ppocr", "tesseract"):
        try:
            return open_engine(name)
        except EngineUnavailableError as error:
            missing.append(str(error))
    raise EngineUnavailableError("; ".join(missing))
