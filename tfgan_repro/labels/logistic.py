"""Multinomial logistic regression with an L2 penalty: a convex problem, solved by L-BFGS."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax


def fit_logistic(
    features: np.ndarray, classes: np.ndarray, class_count: int, penalty: float, start: np.ndarray | None = None
) -> np.ndarray:
    """Minimise the summed cross entropy plus half the penalty times the squared weights; the bias is free.

    Args:
        features: float64 `[count, dimension]`, each of about unit variance.
        classes: int `[count]` in `[0, class_count)`.
        class_count: how many classes there are.
        penalty: above 0.
        start: a solution to start from, e.g. that of a neighbouring penalty.

    Returns:
        The weights float64 `[dimension + 1, class_count]`, the bias in the last row.
    """
    count, dimension = features.shape
    targets = np.eye(class_count)[classes]
    shape = (dimension + 1, class_count)

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(shape)
        scores = log_softmax(logits_of(features, weights), axis=1)
        errors = np.exp(scores) - targets
        gradient = np.vstack([features.T @ errors + penalty * weights[:-1], errors.sum(axis=0)])
        loss = -np.sum(scores * targets) + penalty / 2 * np.sum(weights[:-1] ** 2)
        # The mean, so that the solver's tolerance means the same for any count.
        return loss / count, gradient.ravel() / count

    start = np.zeros(shape) if start is None else start
    solution = minimize(loss_and_gradient, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return solution.x.reshape(shape)


def logits_of(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The logits `[count, class_count]` of features under weights as `fit_logistic` returns them."""
    return features @ weights[:-1] + weights[-1]


def probabilities_of(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities `[count, class_count]`; a temperature above 1 makes them less sure (Guo et al. 2017)."""
    return softmax(logits / temperature, axis=1)
