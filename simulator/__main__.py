"""`python -m simulator`: simulate an operator, advance it by days, serve its tax portal."""

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

from simulator.options import SimulationOptions
from simulator.run import advance, simulate


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    options = _parser().parse_args(arguments)
    return options.action(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator")
    commands = parser.add_subparsers(required=True)
    make = commands.add_parser("generate", help="simulate an operator")
    make.add_argument("--home", type=Path, required=True)
    make.add_argument("--customers", type=int, default=20_000)
    make.add_argument("--months", type=int, default=36)
    make.add_argument("--seed", type=int, default=7)
    make.add_argument("--until", type=date.fromisoformat, default=date.today() - timedelta(days=1))
    make.add_argument("--daily-months", type=int)
    make.add_argument("--no-defects", dest="defects", action="store_false")
    make.add_argument("--foris-url")
    make.add_argument("--workers", type=int, default=2)
    make.set_defaults(action=_generate)
    more = commands.add_parser("advance", help="reveal the next days")
    more.add_argument("--home", type=Path, required=True)
    more.add_argument("--days", type=int, default=1)
    more.set_defaults(action=lambda o: _tell(advance(o.home, o.days, _progress)))
    serve = commands.add_parser("serve-tax", help="serve the tax portal")
    serve.add_argument("--home", type=Path, required=True)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=0)
    serve.add_argument("--seed", type=int, default=7)
    serve.set_defaults(action=_serve)
    return parser


def _generate(options: argparse.Namespace) -> int:
    names = ("home", "until", "customers", "months", "seed", "daily_months", "defects", "foris_url", "workers")
    return _tell(simulate(SimulationOptions(**{n: getattr(options, n) for n in names}), _progress))


def _serve(options: argparse.Namespace) -> int:
    from simulator.tax_server import serve

    serve(options.home, options.host, options.port, options.seed)
    return 0


def _progress(stage: str, done: int, total: int) -> None:
    sys.stderr.write(f"\r{stage}: {done}/{total}    ")


def _tell(report: object) -> int:
    sys.stderr.write("\n")
    sys.stdout.write(f"{report}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
