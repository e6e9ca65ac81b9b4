"""The logistic model on a fixed grid of abilities, and what answers say about who gave them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.responses import Floats

NODES: Floats = np.linspace(-6, 6, 49)


class Answers(NamedTuple):
    """Attempts × items."""

    right: Floats
    seen: Floats


class Curves(NamedTuple):
    """By item: the chance of being right is 1 / (1 + exp(-(slope·ability + intercept)))."""

    slope: Floats
    intercept: Floats

    def chances(self, abilities: Floats = NODES) -> Floats:
        """Items × abilities."""
        at = self.slope[:, None] * abilities + self.intercept[:, None]
        return np.asarray(1 / (1 + np.exp(-at)))


class Population(NamedTuple):
    mean: float
    deviation: float

    def weights(self) -> Floats:
        density = np.exp(-0.5 * ((NODES - self.mean) / self.deviation) ** 2)
        return np.asarray(density / density.sum())


def answers_of(matrix: NDArray[np.int8]) -> Answers:
    """`matrix`: 1 right, 0 wrong, -1 not drawn, as `Responses.matrix` gives it."""
    return Answers((matrix == 1).astype(float), (matrix >= 0).astype(float))


def posterior(answers: Answers, curves: Curves, population: Population) -> tuple[Floats, float]:
    """Attempts × nodes, and the log-likelihood of all answers."""
    chances = curves.chances()
    wrong = np.log1p(-chances)
    logs = answers.right @ (np.log(chances) - wrong) + answers.seen @ wrong
    logs += np.log(population.weights() + 1e-300)
    top = logs.max(axis=1, keepdims=True)
    found = np.exp(logs - top)
    whole = found.sum(axis=1, keepdims=True)
    return found / whole, float((np.log(whole) + top).sum())


def abilities(found: Floats) -> tuple[Floats, Floats]:
    """Expected ability of each attempt and its standard error, from the posterior (EAP)."""
    mean = found @ NODES
    return mean, np.sqrt(np.maximum(found @ NODES**2 - mean**2, 0))


def population_of(found: Floats) -> Population:
    """Mean and deviation of the mixture of all posteriors."""
    weights = found.mean(axis=0)
    mean = float(weights @ NODES)
    return Population(mean, float(np.sqrt(weights @ (NODES - mean) ** 2)))
