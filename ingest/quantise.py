"""Makes recognisers small and quick: scores are given back as they are, products are of 8 bits. Build time only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image, ImageSequence

from ingest.engines.recogniser import as_tensor

__all__ = ["as_opset_17", "character_list", "cut", "to_int8"]

#: fusions that hide products from the quantiser
UNQUANTISABLE = [
    "ConvActivationFusion", "ConvAddActivationFusion", "MatMulAddFusion", "MatMulScaleFusion", "MatMulActivationFusion",
    "MatmulTransposeFusion", "GemmActivationFusion",
]  # fmt: skip
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
    """Gives back the scores of all characters, (lines, steps, characters), from before they are made chances of.

    The chance is wanted only where a character is read, which is at one step of five.
    """
    model = onnx.load(source)
    graph = model.graph
    last = next(node for node in graph.node if graph.output[0].name in node.output)
    if last.op_type != "Softmax":
        raise SystemExit(f"the recogniser ends in {last.op_type}, not in Softmax: nothing was built.")
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(last.input[0], TensorProto.FLOAT, None))
    graph.node.remove(last)
    onnx.save(model, target)


def to_int8(source: Path, lines: Path, target: Path, work: Path) -> None:
    """Writes the cut 8-bit model: convolutions calibrated on `lines`, the last matrix scaled as it runs.

    Weights keep to 7 bits: pairs of products then never overflow on processors without 8-bit dot products.
    """
    prepared, convolutions, complete = work / "prepared.onnx", work / "convolutions.onnx", work / "complete.onnx"
    quant_pre_process(as_opset_17(source, work), prepared, skip_symbolic_shape=True)
    quantize_static(
        _fused(prepared, work),
        convolutions,
        _Lines(lines),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv"],
        extra_options={"CalibMovingAverage": True},  # the widest range met would be that of a stain
    )
    quantize_dynamic(
        convolutions,
        complete,
        op_types_to_quantize=["MatMul"],
        nodes_to_quantize=_last_matrix(convolutions),
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )
    cut(complete, target)


def _fused(source: Path, work: Path) -> Path:
    """The model with its activation functions as single operators: once quantised, the runtime knows them no more."""
    target, options = work / "fused.onnx", onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(
        str(source), options, providers=["CPUExecutionProvider"], disabled_optimizers=UNQUANTISABLE
    )
    return target


class _Lines(CalibrationDataReader):  # type: ignore[misc]  # the base class is untyped
    """Feeds the calibration with the pictures of lines in a file of many, each as wide as the engine cuts it."""

    def __init__(self, lines: Path) -> None:
        with Image.open(lines) as opened:
            tensors = [as_tensor(np.asarray(frame.convert("RGB")))[0] for frame in ImageSequence.Iterator(opened)]
        self._rest: Iterator[NDArray[np.float32]] = iter(tensors)

    def get_next(self) -> dict[str, Any] | None:
        line = next(self._rest, None)
        return None if line is None else {"x": line}


def _last_matrix(path: Path) -> list[str]:
    graph = onnx.load(path).graph
    columns = {weight.name: list(weight.dims)[-1:] for weight in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMul"]
    return [node.name for node in products if columns.get(node.input[1], [0])[0] > MANY_COLUMNS]
