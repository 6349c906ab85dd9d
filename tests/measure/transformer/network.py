"""A causal transformer over the hops of a stream, after the Keyword Transformer (Berg et al. 2021, arXiv:2104.00769).

    x = W f                                             every hop is a token, f its features
    x = x + O attention(norm x)                         in each block
    x = x + D relu(U norm x + u) + d
    logits = C norm x + c

Other than there, it hears a stream: a hop attends to the newest WINDOW hops alone, whose keys and values are kept from hop to
hop, and has the logits of its own token, without a class token.  Instead of positions, distances have a bias that is learned for
each head (after Shaw et al. 2018, arXiv:1803.02155).  The norm comes before, with its gains in the weights behind it, and gelu is
relu, so that integers have little to approximate.  A new stream begins with keys and values of zero, and attends to them.
"""

import torch
from torch import nn
from torch.nn.functional import linear, pad

from train.rounding import straight_through

WINDOW = 50
"""Hops that a block attends to: a second."""

HEADS = 2


class Rows(nn.Linear):
    """A dense layer whose weights can be rounded to int8 with a scale for each row, as int8 graphs have them."""

    rounded = False

    def forward(self, x):
        weight = self.weight
        if self.rounded:
            scale = weight.detach().abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
            weight = straight_through(weight / scale) * scale
        return linear(x, weight, self.bias)


class Block(nn.Module):
    """x [clips, hops, width] and kept [clips, WINDOW - 1, 2 width], the keys and values of the hops before -> the same."""

    def __init__(self, width):
        super().__init__()
        self.width = width
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.attended, self.mixed = Rows(width, 3 * width), Rows(width, width)
        self.up, self.down = Rows(width, 2 * width), Rows(2 * width, width)
        self.distance_bias = nn.Parameter(torch.zeros(HEADS, WINDOW))

    def _bias(self, queries):
        """[HEADS, queries, queries + WINDOW - 1]: the bias of each key that a query may attend to, the newest last."""
        distance = torch.arange(queries)[:, None] + WINDOW - 1 - torch.arange(queries + WINDOW - 1)
        within = (distance >= 0) & (distance < WINDOW)
        return self.distance_bias[:, distance.clamp(0, WINDOW - 1)].masked_fill(~within, -torch.inf)

    def _found(self, queries, heard, bias):
        """queries [..., hops, width] and heard [..., keys, 2 width] -> what each query finds [..., hops, width]."""
        keys, values = heard.split(self.width, -1)
        queries, keys, values = (
            vectors.unflatten(-1, (HEADS, self.width // HEADS)).transpose(-3, -2) for vectors in (queries, keys, values)
        )
        scores = queries @ keys.transpose(-2, -1) * (self.width / HEADS) ** -0.5 + bias
        return self.mixed((scores.softmax(-1) @ values).transpose(-3, -2).flatten(-2))

    def forward(self, x, kept):
        """Hops are taken by the WINDOW, or all at once."""
        hops = x.shape[1]
        piece = min(hops, WINDOW)
        pieces = -(-hops // piece)
        rows = self.attended(pad(self.norm(x), (0, 0, 0, pieces * piece - hops)))
        queries, keys_values = rows.split((self.width, 2 * self.width), 2)
        heard = torch.cat([kept, keys_values], 1)
        seen = torch.stack([heard[:, at * piece : (at + 1) * piece + WINDOW - 1] for at in range(pieces)], 1)
        found = self._found(queries.unflatten(1, (pieces, piece)), seen, self._bias(piece))
        return self._fed(x + found.flatten(1, 2)[:, :hops]), heard[:, hops : hops + WINDOW - 1]

    def hop(self, x, kept):
        """The same of a single hop."""
        queries, keys_values = self.attended(self.norm(x)).split((self.width, 2 * self.width), 2)
        heard = torch.cat([kept, keys_values], 1)
        return self._fed(x + self._found(queries, heard, self.distance_bias[:, None].flip(2))), heard[:, 1:]

    def _fed(self, x):
        return x + self.down(self.up(self.norm(x)).relu())


class Transformer(nn.Module):
    """x float [clips, hops, bands], states -> logits [clips, hops, outputs], last states; as train.network.Network.

    states: a list of float [clips, (WINDOW - 1) * 2 * width], the keys and values of each block, oldest first.
    """

    def __init__(self, bands, width, blocks, outputs):
        super().__init__()
        self.width, self.normalisations = width, {}
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.token = Rows(bands, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.logits = Rows(width, outputs)

    def zero_states(self, clips):
        return [torch.zeros(clips, (WINDOW - 1) * 2 * self.width) for _ in self.blocks]

    def round_weights(self, _source):
        for part in self.modules():
            if isinstance(part, Rows):
                part.rounded = True

    def forward(self, x, states):
        return self._through(x, states, Block.forward)

    def hop(self, x, states):
        """The same of x [clips, bands] -> logits [clips, outputs], without a size that is known only when it runs."""
        logits, states = self._through(x[:, None], states, Block.hop)
        return logits[:, 0], states

    def _through(self, x, states, step):
        x, following = self.token(x), []
        for block, kept in zip(self.blocks, states, strict=True):
            x, kept = step(block, x, kept.reshape(-1, WINDOW - 1, 2 * self.width))
            following.append(kept.reshape(-1, (WINDOW - 1) * 2 * self.width))
        return self.logits(self.norm(x)), following
