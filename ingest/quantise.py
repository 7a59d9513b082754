"""Makes the recogniser small and quick: softmax cut off, convolutions and last matrix in 8 bits. Build time only."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image

from ingest import models
from ingest.engines.detector import Detector
from ingest.engines.geometry import lying
from ingest.engines.ppocr import fitted
from ingest.engines.recogniser import SQUEEZED, line_tensor

__all__ = ["as_opset_17", "character_list", "cut", "to_int8"]

#: lines for calibration: more change nothing
CALIBRATION_LINES = 96
#: only the last matrix has so many columns, one for each character
MANY_COLUMNS = 5000


def character_list(source: Path) -> list[str]:
    """What each class stands for, from the model's metadata."""
    listed = {entry.key: entry.value for entry in onnx.load(source).metadata_props}["character"].split("\n")
    return ["", *(listed[:-1] if listed[-1] == "" else listed), " "]


def as_opset_17(source: Path, work: Path) -> Path:
    """The model in the dialect whose operators quantisation and the cut are written in."""
    target = work / "opset17.onnx"
    onnx.save(version_converter.convert_version(onnx.load(source), 17), target)
    return target


def cut(source: Path, target: Path) -> None:
    """Replaces the softmax over all characters by the best class and its score, both of shape (lines, steps)."""
    model = onnx.load(source)
    graph = model.graph
    scores = _before_softmax(graph)
    graph.node.append(helper.make_node("ArgMax", [scores], ["classes"], axis=2, keepdims=0))
    graph.node.append(helper.make_node("ReduceMax", [scores], ["scores"], axes=[2], keepdims=0))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("classes", TensorProto.INT64, None))
    graph.output.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, None))
    onnx.save(model, target)


def to_int8(source: Path, pages: Sequence[Path], target: Path, work: Path) -> None:
    """Writes the cut 8-bit model: convolutions calibrated on lines of `pages`, the last matrix scaled as it runs."""
    prepared, convolutions, complete = work / "prepared.onnx", work / "convolutions.onnx", work / "complete.onnx"
    quant_pre_process(as_opset_17(source, work), prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared,
        convolutions,
        _Lines(pages),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv"],
    )
    quantize_dynamic(
        convolutions,
        complete,
        op_types_to_quantize=["MatMul"],
        nodes_to_quantize=_last_matrix(convolutions),
        per_channel=True,
        weight_type=QuantType.QInt8,
    )
    cut(complete, target)


class _Lines(CalibrationDataReader):  # type: ignore[misc]  # the base class is untyped
    """Feeds the calibration with lines as the engine cuts them, in a fixed order."""

    def __init__(self, pages: Sequence[Path]) -> None:
        lines = [line for page in pages for line in _lines_of(page)]
        chosen = np.random.default_rng(0).permutation(len(lines))[:CALIBRATION_LINES]
        self._rest: Iterator[NDArray[np.float32]] = iter([lines[n] for n in chosen])

    def get_next(self) -> dict[str, Any] | None:
        line = next(self._rest, None)
        return None if line is None else {"x": line}


def _lines_of(page: Path) -> list[NDArray[np.float32]]:
    cv2.setNumThreads(1)
    with Image.open(page) as opened:
        image = np.asarray(opened.convert("RGB"))
    quads = [lying(quad) for quad in Detector(models.model_path(models.DETECTOR)).find(image)]
    return [line_tensor(part, quad, SQUEEZED)[0] for part, quad in fitted(image, quads)]


def _before_softmax(graph: Any) -> str:
    makers = {name: node for node in graph.node for name in node.output}
    node = makers[graph.output[0].name]
    while node.op_type == "Identity":
        node = makers[node.input[0]]
    if node.op_type != "Softmax":
        raise SystemExit(f"the recogniser ends with {node.op_type}, not with a softmax: it cannot be cut")
    return str(node.input[0])


def _last_matrix(path: Path) -> list[str]:
    graph = onnx.load(path).graph
    columns = {weight.name: list(weight.dims)[-1:] for weight in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMul"]
    return [node.name for node in products if columns.get(node.input[1], [0])[0] > MANY_COLUMNS]
