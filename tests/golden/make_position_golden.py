#!/usr/bin/env python3
"""What tells a model where its tokens stand, for tests/test_op_rows.c: T5's buckets, ALiBi's slopes,
Marian's sinusoids, the angles' speeds of Llama 3.1 and of position interpolation.

In PyTorch's float32, in the order of operations that Hugging Face's models use, so that what lies
on the edge of a bucket or of a band falls to the same side. Reads nothing of this project.

Run by hand: /usr/bin/python3 tests/golden/make_position_golden.py
"""
import math

import numpy
import torch

from make_gpt2_golden import HERE, save


def buckets(distances, both_ways, count, most):
    """Of key − query (Raffel et al. 2020; the exact cut is that of the released T5)."""
    later = torch.zeros_like(distances)
    if both_ways:
        count //= 2
        later = (distances > 0).long() * count
        apart = distances.abs()
    else:
        apart = (-distances).clamp(min=0)
    exact = count // 2
    share = torch.log(apart.float() / exact) / math.log(most / exact)
    far = (exact + (share * (count - exact)).long()).clamp(max=count - 1)
    return (later + torch.where(apart < exact, apart, far)).int()


def slopes(heads):
    """Press et al. 2022, and its authors' rule for head counts that are no power of two."""
    power = 2 ** math.floor(math.log2(heads))
    first = [2 ** (-8 * (h + 1) / power) for h in range(power)]
    return first + slopes(2 * power)[0::2][:heads - power] if heads > power else first


def sinusoids(rows, width):
    """Marian: numpy's float64, all the sines first."""
    angle = numpy.array([[place / numpy.power(10000, 2 * (j // 2) / width) for j in range(width)]
                         for place in range(rows)])
    return torch.tensor(numpy.concatenate([numpy.sin(angle[:, 0::2]), numpy.cos(angle[:, 1::2])], 1),
                        dtype=torch.float32)


def speeds(pairs, theta):
    return 1.0 / (theta ** (torch.arange(0, 2 * pairs, 2).float() / (2 * pairs)))


def llama3(speed, factor, low, high, original):
    wave = 2 * math.pi / speed
    slowed = torch.where(wave > original / low, speed / factor, speed)
    smooth = (original / wave - low) / (high - low)
    between = (1 - smooth) * slowed / factor + smooth * slowed
    is_between = (wave >= original / high) & (wave <= original / low)
    return torch.where(is_between, between, slowed)


def main():
    back, far = torch.arange(-299, 1), torch.arange(0, 300)
    records = {
        "buckets.both.before": buckets(back, True, 32, 128),
        "buckets.both.after": buckets(far, True, 32, 128),
        "buckets.back.before": buckets(back, False, 32, 128),
        "buckets.odd.before": buckets(back, True, 10, 25),
        "slopes.8": torch.tensor(slopes(8)),
        "slopes.12": torch.tensor(slopes(12)),
        "slopes.1": torch.tensor(slopes(1)),
        "sinusoids.8": sinusoids(12, 8),
        "sinusoids.7": sinusoids(12, 7),
        "speeds.llama3": llama3(speeds(32, 500000.0), 8.0, 1.0, 4.0, 8192),
        "speeds.llama3.small": llama3(speeds(8, 10000.0), 32.0, 1.0, 3.0, 64),
        "speeds.linear": speeds(16, 10000.0) / 4.0,
    }
    save(HERE / "position.safetensors", records)


if __name__ == "__main__":
    main()
