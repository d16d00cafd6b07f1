"""Play BB84 in SeQUeNCe and print one JSON line: a program that stands alone, run by `sequence_simulator.py`.

Arguments: distance in m, polarization fidelity of the channel, number of keys, seed.
"""

import json
import sys
from typing import Any

from sequence.components.optical_channel import ClassicalChannel, QuantumChannel
from sequence.kernel.timeline import Timeline
from sequence.qkd.BB84 import pair_bb84_protocols
from sequence.topology.node import QKDNode

KEY_BITS = 512
DB_PER_M = 0.0002
PS_PER_S = 1e12
PATIENCE_S = 5


class KeyUser:
    """Asks for keys and keeps them."""

    def __init__(self, node: QKDNode, number: int) -> None:
        self.keys: list[int] = []
        self.number, self.protocol = number, node.protocol_stack[0]
        self.lower_protocols = [self.protocol]
        self.protocol.upper_protocols.append(self)

    def pop(self, info: int) -> None:
        self.keys.append(info)

    def ask(self) -> None:
        self.protocol.push(KEY_BITS, self.number)


def play(distance_m: float, polarization_fidelity: float, keys: int, seed: int) -> dict[str, Any]:
    timeline = Timeline(PATIENCE_S * PS_PER_S)
    alice, bob = QKDNode("alice", timeline, stack_size=1), QKDNode("bob", timeline, stack_size=1)
    alice.set_seed(2 * seed)
    bob.set_seed(2 * seed + 1)
    pair_bb84_protocols(alice.protocol_stack[0], bob.protocol_stack[0])
    for start, end in ((alice, bob), (bob, alice)):
        name = f"{start.name} to {end.name}"
        fibre = QuantumChannel(
            f"fibre {name}", timeline, DB_PER_M, distance_m, polarization_fidelity=polarization_fidelity
        )
        fibre.set_ends(start, end.name)
        ClassicalChannel(f"wire {name}", timeline, distance_m).set_ends(start, end.name)
    users = KeyUser(alice, keys), KeyUser(bob, keys)
    timeline.init()
    users[0].ask()
    timeline.run()
    return describe(alice, bob, users)


def describe(alice: QKDNode, bob: QKDNode, users: tuple[KeyUser, KeyUser]) -> dict[str, Any]:
    (fibre,) = alice.qchannels.values()
    source = alice.components["alice.lightsource"]
    wrong = [(a ^ b).bit_count() for a, b in zip(users[0].keys, users[1].keys, strict=True)]
    detectors = bob.components["bob.qsdetector"].detectors
    return {
        "protocol": "BB84",
        "pair": "sequence-alice-bob",
        "distance_m": fibre.distance,
        "fibre_loss": fibre.loss,
        "delay_s": fibre.delay / PS_PER_S,
        "mean_photon_number": source.mean_photon_num,
        "detector_efficiency": detectors[0].efficiency,
        "photons_emitted": source.photon_counter,
        "photons_arrived": sum(detector.photon_counter for detector in detectors),
        "keys": [{"bits": KEY_BITS, "errors": errors} for errors in wrong],
        "seconds": alice.protocol_stack[0].latency,
    }


if __name__ == "__main__":
    distance, fidelity, number, chosen = sys.argv[1:]
    sys.stdout.write(json.dumps(play(float(distance), float(fidelity), int(number), int(chosen))) + "\n")
