"""The reader as ONNX: the embedder's encoder with trained changes, eight-bit weights and three heads.

Inputs as the embedder's; outputs `start`, `end` ([batch, sequence]), `answerable`, `supported` ([batch]), all logits.
The trained file holds each encoder matrix as a change of low rank, in whole numbers: their product is exact in float64
on every machine, so the quantised weights come out the same everywhere and the model can be pinned by its hash.
"""

import numpy as np
from onnx import TensorProto, helper

from embedder_graph import Graph, encoder_onnx

LEFT, RIGHT, SCALE = ".left", ".right", ".scale"
# Seven bits: CPUs without VNNI add two products of unsigned and signed bytes in 16 bits, which eight bits can overflow.
WEIGHT_MOST = 63


def reader_weights(base: dict[str, np.ndarray], trained: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The base's weights with the trained ones in their place or, for matrices of low-rank changes, added."""
    weights = dict(base)
    for name, tensor in trained.items():
        if name.endswith(LEFT):
            matrix = name.removesuffix(LEFT)
            change = tensor.astype(np.float64) @ trained[matrix + RIGHT].astype(np.float64)
            weights[matrix] = base[matrix].astype(np.float64) + change * trained[matrix + SCALE].astype(np.float64)
        elif not name.endswith((RIGHT, SCALE)):
            weights[name] = tensor.astype(np.float32)
    return weights


def quantised(matrix: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Signed bytes and a scale for each row."""
    matrix = matrix.astype(np.float64)
    scale = (np.maximum(np.abs(matrix).max(axis=1), 1e-12) / most).astype(np.float32)
    return np.rint(matrix / scale[:, None].astype(np.float64)).astype(np.int8), scale


class QuantisedGraph(Graph):
    """Words and encoder matrices in eight bits; activations are quantised as they come."""

    def __init__(self, weights: dict[str, np.ndarray], epsilon: float) -> None:
        super().__init__(weights, epsilon)
        self._inputs: dict[str, tuple[str, str, str]] = {}

    def words(self, table: str, output: str) -> str:
        rows, scale = quantised(self.weights[table], 127)
        parts = []
        for name, array in ((table, rows), (f"{table}.scale", scale[:, None])):
            parts.append(self.node("Gather", [self.constant(name, array), "input_ids"], f"{name}/rows", axis=0))
        whole = self.node("Cast", [parts[0]], f"{output}/float", to=TensorProto.FLOAT)
        return self.node("Mul", [whole, parts[1]], output)

    def linear(self, x: str, prefix: str, output: str) -> str:
        rows, scale = quantised(self.weights[f"{prefix}.weight"], WEIGHT_MOST)
        matrix = self.constant(f"{prefix}.weight", rows.T)
        zero = self.constant("i8_zero", np.array(0, dtype=np.int8))
        if x not in self._inputs:
            names = (f"{x}/bytes", f"{x}/bytes_scale", f"{x}/bytes_zero")
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [x], list(names), name=f"{x}/quantised"))
            self._inputs[x] = names
        small, x_scale, x_zero = self._inputs[x]
        product = self.node("MatMulInteger", [small, matrix, x_zero, zero], f"{output}/integers")
        product = self.node("Cast", [product], f"{output}/float", to=TensorProto.FLOAT)
        scales = self.node("Mul", [x_scale, self.constant(f"{prefix}.weight.scale", scale)], f"{output}/scales")
        product = self.node("Mul", [product, scales], f"{output}/scaled_product")
        return self.node("Add", [product, self.weight(f"{prefix}.bias")], output)


def reader_onnx(weights: dict[str, np.ndarray], config: dict, small: bool = True) -> bytes:
    """The serialised model; with `small` false in float32, to measure what eight bits cost."""
    graph = (QuantisedGraph if small else Graph)(weights, config["layer_norm_eps"])

    def heads(x: str) -> list:
        node = graph.node
        # The heads are small and stay in float32 in either case.
        span = Graph.linear(graph, x, "heads.span", "span")
        outputs = []
        last = graph.integers("last_axis", [-1])
        for name, place in (("start", "i_zero"), ("end", "i_one")):
            node("Squeeze", [node("Gather", [span, place], f"{name}/kept", axis=-1), last], name)
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "sequence"]))
        first = node("Squeeze", [node("Gather", [x, "i_zero"], "first/kept", axis=1), "i_one"], "first")
        for name in ("answerable", "supported"):
            y = node("Tanh", [Graph.linear(graph, first, f"heads.{name}_dense", f"{name}/dense")], f"{name}/tanh")
            y = Graph.linear(graph, y, f"heads.{name}", f"{name}/logit")
            node("Squeeze", [y, last], name)
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch"]))
        return outputs

    return encoder_onnx(graph, config, "citadel-reader", heads)
