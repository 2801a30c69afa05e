"""A linear or mixed-integer programme as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """Maximise or minimise ``objective @ x`` with bounds on x and on ``matrix @ x``.

    Attributes
    ----------
    objective, lower, upper
        Shape (n_columns,).
    is_integer
        Shape (n_columns,), bool.
    matrix
        CSR, shape (n_rows, n_columns).
    row_lower, row_upper
        Shape (n_rows,); infinite for none.
    is_maximum
        The sense.
    """

    objective: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    is_integer: NDArray[np.bool_]
    matrix: csr_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    is_maximum: bool

    def relaxed(self) -> Programme:
        """Give the linear relaxation."""
        return replace(self, is_integer=np.zeros(len(self.objective), bool))
