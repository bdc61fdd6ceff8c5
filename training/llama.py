"""SmolLM2 in PyTorch with low-rank adapters, built for training on a CPU.

Tokens of all examples of a batch lie in one flat row, so that no matrix product is spent on padding; only attention
looks at examples. What all prompts begin with (the standing instructions) is run once a batch; every example attends to
it. The base weights are frozen, in bfloat16; matrices keep the row order of the GGUF file (rotary pairs are
neighbours), so an adapter can be added to the file's matrices as they are.
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from gguf import GGUFReader, quants
from torch import Tensor, nn

# GGUF's names of the matrices that get an adapter, in groups that read the same input.
GROUPS = (("attn_q", "attn_k", "attn_v"), ("attn_output",), ("ffn_gate", "ffn_up"), ("ffn_down",))


class Batch:
    """Token ids of examples that share a beginning, flat, and what attention needs to tell them apart.

    The row holds the shared beginning once, then what is left of each example."""

    def __init__(self, shared: list[int], rests: list[list[int]]) -> None:
        self.ids = torch.tensor(shared + [token for rest in rests for token in rest])
        self.shared, self.lengths = len(shared), [len(rest) for rest in rests]
        longest = max(self.lengths)
        ranges = [torch.arange(self.shared)] + [self.shared + torch.arange(n) for n in self.lengths]
        self.positions = torch.cat(ranges)
        # Place of every flat token of the rests in a [examples, longest] table.
        self.table = torch.cat([i * longest + torch.arange(n) for i, n in enumerate(self.lengths)])
        self.longest = longest
        seen = torch.ones(longest, longest, dtype=torch.bool).tril()
        self.mask = torch.cat([torch.ones(longest, self.shared, dtype=torch.bool), seen], dim=1)


class AdaptedLinear(nn.Module):
    """Frozen matrices that read the same input, and beside each a product of two narrow trained ones."""

    def __init__(self, weights: list[Tensor], rank: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("weight", torch.cat(weights).bfloat16(), persistent=False)
        inputs = weights[0].shape[1]
        self.down = nn.ParameterList(nn.Parameter(torch.empty(rank, inputs)) for _ in weights)
        self.up = nn.ParameterList(nn.Parameter(torch.zeros(weight.shape[0], rank)) for weight in weights)
        for matrix in self.down:
            nn.init.kaiming_uniform_(matrix, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        """The outputs of all matrices side by side."""
        narrow = F.linear(x, torch.cat(list(self.down)).bfloat16())
        up = (torch.block_diag(*self.up) * self.scale).bfloat16()
        return torch.addmm(F.linear(x, self.weight), narrow, up.t())


class Layer(nn.Module):
    def __init__(self, read, heads: int, kv_heads: int, epsilon: float, rank: int, scale: float) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.epsilon = heads, kv_heads, epsilon
        self.register_buffer("attention_norm", read("attn_norm"), persistent=False)
        self.register_buffer("feed_norm", read("ffn_norm"), persistent=False)
        self.query_key_value, self.output, self.gate_up, self.down = (
            AdaptedLinear([read(name) for name in names], rank, scale) for names in GROUPS
        )

    def groups(self) -> list[AdaptedLinear]:
        return [self.query_key_value, self.output, self.gate_up, self.down]

    def forward(self, x: Tensor, branch: Tensor, batch: Batch, turns: Tensor) -> tuple[Tensor, Tensor]:
        """`x` is the sum of all branches but the last, which is added with the next norm: one pass less over memory."""
        x, normed = add_and_norm(x, branch, self.attention_norm, self.epsilon)
        mixed = self._attention(self.query_key_value(normed), batch, turns)
        x, normed = add_and_norm(x, self.output(mixed), self.feed_norm, self.epsilon)
        return x, self.down(gated(self.gate_up(normed)))

    def _attention(self, flat: Tensor, batch: Batch, turns: Tensor) -> Tensor:
        heads, groups, examples = self.heads, self.kv_heads, len(batch.lengths)
        flat = flat.view(flat.shape[0], heads + 2 * groups, -1)
        flat = Rotate.apply(flat, turns, heads + groups)
        begin = flat[: batch.shared].transpose(0, 1)[None]
        padded = flat.new_zeros(examples * batch.longest, *flat.shape[1:])
        padded = padded.index_copy(0, batch.table, flat[batch.shared :])
        rest = padded.view(examples, batch.longest, *flat.shape[1:]).transpose(1, 2)
        sizes = [heads, groups, groups]
        begin_query, *begin_parts = begin.split(sizes, dim=1)
        rest_query, *rest_parts = rest.split(sizes, dim=1)
        times = heads // groups
        begin_key, begin_value = (part.repeat_interleave(times, 1) for part in begin_parts)
        keys, values = (
            torch.cat([first.expand(examples, -1, -1, -1), second], dim=2)
            for first, second in zip(begin_parts, rest_parts)
        )
        begin = F.scaled_dot_product_attention(begin_query, begin_key, begin_value, is_causal=True)
        # The heads that share a key lie one below the other, as further rows of the product.
        stacked = rest_query.reshape(examples, groups, times * batch.longest, -1)
        scores = (stacked @ keys.transpose(2, 3)).view(examples, groups, times, batch.longest, -1)
        weights = attention_weights(scores, batch.mask, stacked.shape[-1] ** -0.5)
        rest = (weights.view(examples, groups, times * batch.longest, -1) @ values).view_as(rest_query)
        begin = begin.transpose(1, 2).reshape(batch.shared, -1)
        rest = rest.transpose(1, 2).reshape(examples * batch.longest, -1)[batch.table]
        return torch.cat([begin, rest])


class Llama(nn.Module):
    """The language model of a GGUF file with an adapter that does nothing yet."""

    def __init__(self, path: Path, rank: int, alpha: float) -> None:
        super().__init__()
        reader = GGUFReader(path)
        tensors = {tensor.name: tensor for tensor in reader.tensors}

        def read(name: str) -> Tensor:
            tensor = tensors[f"{name}.weight"]
            return torch.from_numpy(quants.dequantize(tensor.data, tensor.tensor_type).copy())

        def field(name: str):
            return reader.get_field(f"llama.{name}").contents()

        heads, kv_heads = field("attention.head_count"), field("attention.head_count_kv")
        epsilon = field("attention.layer_norm_rms_epsilon")
        self.rank, self.alpha, self.epsilon = rank, alpha, epsilon
        self.register_buffer("embedding", read("token_embd").bfloat16(), persistent=False)
        self.register_buffer("norm", read("output_norm"), persistent=False)
        width = field("rope.dimension_count")
        steps = field("rope.freq_base") ** (-torch.arange(0, width, 2).double() / width)
        self.register_buffer("frequencies", steps, persistent=False)
        self.layers = nn.ModuleList(
            Layer(lambda name, i=i: read(f"blk.{i}.{name}"), heads, kv_heads, epsilon, rank, alpha / rank)
            for i in range(field("block_count"))
        )

    def forward(self, batch: Batch, wanted: Tensor) -> Tensor:
        """Logits after the flat tokens `wanted`."""
        angles = batch.positions.double()[:, None] * self.frequencies
        turns = torch.stack([angles.cos(), angles.sin()], dim=-1).float()
        x = F.embedding(batch.ids, self.embedding).float()
        branch = torch.zeros_like(x, dtype=torch.bfloat16)
        for layer in self.layers:
            x, branch = layer(x, branch, batch, turns)
        _, normed = add_and_norm(x[wanted], branch[wanted], self.norm, self.epsilon)
        return F.linear(normed, self.embedding).float()

    def adapter(self) -> dict[str, Tensor]:
        """The trained matrices under GGUF's names: `blk.0.attn_q.down` [rank, in] and `.up` [out, rank]."""
        found = {}
        for i, layer in enumerate(self.layers):
            for names, group in zip(GROUPS, layer.groups()):
                for name, down, up in zip(names, group.down, group.up):
                    found[f"blk.{i}.{name}.down"], found[f"blk.{i}.{name}.up"] = down, up
        return found

    def load_adapter(self, tensors: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.adapter().items():
                parameter.copy_(tensors[name])


@torch.compile(dynamic=True)
def add_and_norm(x: Tensor, branch: Tensor, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """The sum, and the sum with its mean square brought to 1."""
    x = x + branch.float()
    return x, (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon) * weight).bfloat16()


@torch.compile(dynamic=True)
def attention_weights(scores: Tensor, mask: Tensor, scale: float) -> Tensor:
    """PyTorch's own attention takes three times as long backwards on a CPU."""
    return (scores.float() * scale).masked_fill(~mask, -1e9).softmax(-1).bfloat16()


@torch.compile(dynamic=True)
def gated(x: Tensor) -> Tensor:
    gate, value = x.float().chunk(2, dim=-1)
    return (F.silu(gate) * value).bfloat16()


class Rotate(torch.autograd.Function):
    """`rotate`, whose gradient is the turn back: what the compiler derives is ten times slower."""

    @staticmethod
    def forward(ctx, x: Tensor, turns: Tensor, turned: int) -> Tensor:
        ctx.save_for_backward(turns)
        ctx.turned = turned
        return rotate(x, turns, turned)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        (turns,) = ctx.saved_tensors
        back = turns * torch.tensor([1.0, -1.0])
        return rotate(gradient.contiguous(), back, ctx.turned), None, None


@torch.compile(dynamic=True)
def rotate(x: Tensor, turns: Tensor, turned: int) -> Tensor:
    """Turns neighbouring pairs of the first `turned` heads by the angle of the token's position."""
    pairs = x[:, :turned].float().unflatten(-1, (-1, 2))
    cosine, sine = turns[:, None, :, 0], turns[:, None, :, 1]
    first, second = pairs[..., 0], pairs[..., 1]
    pairs = torch.stack([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
    return torch.cat([pairs.flatten(-2).bfloat16(), x[:, turned:]], dim=1)
