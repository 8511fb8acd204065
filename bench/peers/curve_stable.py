"""curvesim on the 3pool that the native suite quotes: an exchange taken back, which is how it quotes."""

from __future__ import annotations

from curvesim.pool.stableswap.pool import CurvePool
from measure import report

UNIT = 10**18
BALANCES = [27_137_121_100_372_139_339_642_768, 27_662_471_158_553, 108_298_644_409_129]
AMOUNT, OUT = 10**24, 999_833_028_363


def main() -> None:
    pool = CurvePool(
        A=4000, D=list(BALANCES), n=3, rates=[UNIT, UNIT * 10**12, UNIT * 10**12], fee=1_500_000, admin_fee=10**10
    )

    def quote() -> int:
        with pool.use_snapshot_context():
            return int(pool.exchange(0, 1, AMOUNT)[0])

    assert quote() == OUT == quote(), quote()
    report("quote_stable", "curvesim", True, quote)


if __name__ == "__main__":
    main()
