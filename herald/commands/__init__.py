"""The subcommands: each parses its options, calls one part, and prints the answer."""
