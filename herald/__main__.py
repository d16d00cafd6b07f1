"""`python -m herald`: the same as the `herald` command; the supervisor starts its children this way."""

from herald.cli import main

if __name__ == "__main__":
    main()
