"""`python -m archive.cli` is `danggui`; worker processes are started this way."""

from archive.cli import main

main(prog_name="danggui")
