"""Gradients without any differentiation, to check those of the code against."""

import numpy as np

STEP = 1e-6


def central_differences(function, weight):
    """The gradient of a scalar function with respect to each entry of a float64 array."""
    differences = np.zeros_like(weight)
    for place in np.ndindex(weight.shape):
        step = np.zeros_like(weight)
        step[place] = STEP
        differences[place] = (function(weight + step) - function(weight - step)) / (2 * STEP)
    return differences
