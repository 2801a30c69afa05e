"""Peers run beside us: in their own environment and process, on the same arrays.

A peer script reads an ``.npz`` file and prints one line of JSON: ``version``, ``seconds`` and what
it answers. It imports nothing of ours, and nothing of ours imports it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.instances.instance import ROOT
from benchmarks.row import PeerFigures

ENVIRONMENT = ROOT / ".venv-peers"
_SCRIPTS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """One peer's part in a trial.

    Attributes
    ----------
    script
        File in ``benchmarks/peers``.
    arrays
        Gives what the script reads.
    limit_s
        It is stopped after this long.
    scale
        Units of our work over units of the peer's: the peer may do a part of it.
    is_ours
        Whether the product's own environment holds the peer (SciPy).
    """

    name: str
    script: str
    arrays: Callable[[], Mapping[str, ArrayLike]]
    limit_s: float = 300.0
    scale: float = 1.0
    is_ours: bool = False

    @property
    def python(self) -> Path:
        """The interpreter that the peer runs in."""
        return Path(sys.executable) if self.is_ours else ENVIRONMENT / "bin" / "python"


def is_installed() -> bool:
    """Tell whether the peers' environment is there."""
    return (ENVIRONMENT / "bin" / "python").exists()


def run_peer(peer: Peer, our_seconds: float) -> PeerFigures:
    """Run a peer and compare its time with ours; a failure is part of the answer."""
    if not peer.python.exists():
        return PeerFigures(peer.name, "", None, None, {"failed": "not installed (make peers)"})
    with tempfile.TemporaryDirectory(prefix="yizhan-peer-") as folder:
        file = Path(folder) / "arrays.npz"
        np.savez(file, allow_pickle=False, **{k: np.asarray(v) for k, v in peer.arrays().items()})
        try:
            done = subprocess.run(
                [peer.python, _SCRIPTS / peer.script, file],
                capture_output=True,
                text=True,
                timeout=peer.limit_s,
                check=True,
            )
        except subprocess.TimeoutExpired:
            why = f"stopped after {peer.limit_s:.0f} s"
            return PeerFigures(peer.name, "", None, None, {"failed": why})
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["no message"])[-1]
            return PeerFigures(peer.name, "", None, None, {"failed": last[:200]})
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    version, seconds = answer.pop("version"), answer.pop("seconds")
    return PeerFigures(peer.name, version, seconds, seconds * peer.scale / our_seconds, answer)
