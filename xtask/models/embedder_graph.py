"""The graph of all-MiniLM-L6-v2 as ONNX, written node by node from the safetensors weights.

Inputs `input_ids`, `attention_mask`, `token_type_ids` (int64, [batch, sequence]); output `last_hidden_state`
(float32, [batch, sequence, 384]). Pooling and normalisation stay with the caller. The shapes of the Gelu
are those that ONNX Runtime fuses; its fused normalisation was measured and is slower on CPUs.

`Graph` holds what is written; reader_graph.py derives one with eight-bit weights and puts heads on it.
"""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 9


class Graph:
    """The nodes and constants of a model, in the order in which they were written."""

    def __init__(self, weights: dict[str, np.ndarray], epsilon: float) -> None:
        self.weights = weights
        self.epsilon = epsilon
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, array: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name].astype(np.float32))

    def norm(self, x: str, prefix: str, output: str) -> str:
        scale, bias = self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias")
        return self.node("LayerNormalization", [x, scale, bias], output, axis=-1, epsilon=self.epsilon)

    def linear(self, x: str, prefix: str, output: str) -> str:
        # PyTorch keeps [out, in]; MatMul wants [in, out].
        w = self.constant(f"{prefix}.weight", self.weights[f"{prefix}.weight"].astype(np.float32).T)
        product = self.node("MatMul", [x, w], f"{output}/matmul")
        return self.node("Add", [product, self.weight(f"{prefix}.bias")], output)

    def words(self, table: str, output: str) -> str:
        return self.node("Gather", [self.weight(table), "input_ids"], output, axis=0)

    def number(self, name: str, value: float) -> str:
        return self.constant(name, np.array(value, dtype=np.float32))

    def integers(self, name: str, values: list[int]) -> str:
        return self.constant(name, np.array(values, dtype=np.int64))


Heads = Callable[[str], list[onnx.ValueInfoProto]]


def bert_onnx(weights: dict[str, np.ndarray], config: dict) -> bytes:
    """The embedder, serialised; the same bytes for the same weights."""
    shape = ["batch", "sequence", config["hidden_size"]]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, shape)
    return encoder_onnx(Graph(weights, config["layer_norm_eps"]), config, "all-MiniLM-L6-v2", lambda _: [output])


def encoder_onnx(graph: Graph, config: dict, name: str, heads: Heads) -> bytes:
    """The encoder written into `graph`, then `heads` on its last hidden state, which gives the model's outputs."""
    hidden = config["hidden_size"]
    head_count = config["num_attention_heads"]
    head = hidden // head_count
    node, weight, norm, linear = graph.node, graph.weight, graph.norm, graph.linear
    number, integers = graph.number, graph.integers

    zero, one = integers("i_zero", [0]), integers("i_one", [1])
    split_shape = integers("split_shape", [0, 0, head_count, head])
    join_shape = integers("join_shape", [0, 0, hidden])

    # A Slice of the position table: ids made with Range break the embedding fusion.
    shape = node("Shape", ["input_ids"], "shape")
    length = node("Slice", [shape, one, integers("i_two", [2]), zero], "length")
    positions = node(
        "Slice", [weight("embeddings.position_embeddings.weight"), zero, length, zero], "positions"
    )
    words = graph.words("embeddings.word_embeddings.weight", "words")
    types = node("Gather", [weight("embeddings.token_type_embeddings.weight"), "token_type_ids"], "types", axis=0)
    x = node("Add", [node("Add", [words, types], "words_types"), positions], "embedded")
    x = norm(x, "embeddings.LayerNorm", "embedding_norm")

    # 0 where a token counts, a very negative number where it is padding.
    mask = node("Unsqueeze", ["attention_mask", integers("mask_axes", [1, 2])], "mask_4d")
    mask = node("Cast", [mask], "mask_float", to=TensorProto.FLOAT)
    mask = node("Sub", [number("f_one", 1.0), mask], "mask_inverted")
    mask = node("Mul", [mask, number("f_masked", -10000.0)], "mask_bias")

    for i in range(config["num_hidden_layers"]):
        layer, p = f"encoder.layer.{i}", f"layer{i}"

        def split(name, permutation):
            y = linear(x, f"{layer}.attention.self.{name}", f"{p}/{name}")
            y = node("Reshape", [y, split_shape], f"{p}/{name}/heads")
            return node("Transpose", [y], f"{p}/{name}/transposed", perm=permutation)

        q, k, v = split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]), split("value", [0, 2, 1, 3])
        scores = node("MatMul", [q, k], f"{p}/scores")
        scores = node("Div", [scores, number("head_scale", float(np.sqrt(head)))], f"{p}/scaled")
        scores = node("Add", [scores, mask], f"{p}/masked")
        shares = node("Softmax", [scores], f"{p}/shares", axis=-1)
        y = node("MatMul", [shares, v], f"{p}/context")
        y = node("Transpose", [y], f"{p}/context/transposed", perm=[0, 2, 1, 3])
        y = node("Reshape", [y, join_shape], f"{p}/context/joined")
        y = linear(y, f"{layer}.attention.output.dense", f"{p}/attended")
        x = norm(node("Add", [y, x], f"{p}/attended/sum"), f"{layer}.attention.output.LayerNorm", f"{p}/attended/norm")

        y = linear(x, f"{layer}.intermediate.dense", f"{p}/wide")
        # The exact Gelu, x * (1 + erf(x / sqrt 2)) / 2, as BERT was trained with.
        e = node("Div", [y, number("sqrt_two", float(np.sqrt(2.0)))], f"{p}/gelu/scaled")
        e = node("Add", [node("Erf", [e], f"{p}/gelu/erf"), "f_one"], f"{p}/gelu/plus_one")
        y = node("Mul", [y, e], f"{p}/gelu/product")
        y = node("Mul", [y, number("f_half", 0.5)], f"{p}/gelu")
        y = linear(y, f"{layer}.output.dense", f"{p}/narrow")
        last = i == config["num_hidden_layers"] - 1
        x = norm(
            node("Add", [y, x], f"{p}/narrow/sum"),
            f"{layer}.output.LayerNorm",
            "last_hidden_state" if last else f"{p}/norm",
        )

    outputs = heads(x)
    inputs = [
        helper.make_tensor_value_info(ids, TensorProto.INT64, ["batch", "sequence"])
        for ids in ("input_ids", "attention_mask", "token_type_ids")
    ]
    written = helper.make_graph(graph.nodes, name, inputs, outputs, list(graph.constants.values()))
    model = helper.make_model(
        written, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="citadel", ir_version=IR_VERSION
    )
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)
