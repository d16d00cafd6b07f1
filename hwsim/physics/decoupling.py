"""How much longer a qubit keeps its phase under more refocusing pulses."""


def decoupled_t2_s(echo_t2_s: float, t1_s: float, *, pulses: float, exponent: float = 2 / 3) -> float:
    """Return min(T2(1) n^exponent, 2 T1), with T2(1) that of a single (Hahn) echo.

    A slow Ornstein-Uhlenbeck bath gives 2/3 (de Lange 2010, Science 330, 60); relaxation ends the gain. Eight pulses
    in such a bath hold the phase four times as long as one.
    """
    return float(min(echo_t2_s * pulses**exponent, 2 * t1_s))
