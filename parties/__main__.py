"""`python -m parties train|resolve <build.duckdb>`: retrain the identity model, or resolve outside the pipeline."""

import argparse
from pathlib import Path

import duckdb

from parties.model import DEFAULT_MODEL, load_model
from parties.resolution import resolve
from parties.training import train, write_model


def main(arguments: list[str] | None = None) -> None:
    """Entry point; prints what was done."""
    parser = argparse.ArgumentParser(prog="python -m parties", description=__doc__)
    parser.add_argument("action", choices=("train", "resolve"))
    parser.add_argument("database", type=Path, help="DuckDB file that holds the party records")
    parser.add_argument("--records", default="intermediate.int_party_records", help="table of party records")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="model file, rewritten by train")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    model = load_model(options.model)
    with duckdb.connect(str(options.database), read_only=options.action == "train") as con:
        if options.action == "train":
            trained = train(con, options.records, model, seed=options.seed)
            write_model(trained, options.model)
            print(f"{options.model}: {trained.training}")
        else:
            print(resolve(con, options.records, model=model))


if __name__ == "__main__":
    main()
