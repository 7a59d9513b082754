"""A process that writes an index until it is killed: `python search_writer.py URL write|rebuild`."""

import sys

from search import open_index
from search.testing import document


def main(url: str, act: str) -> None:
    """Write one document, say `written`, and keep writing others until killed."""
    index = open_index(url)
    with index.writer() if act == "write" else index.rebuild() as writer:
        writer.write([document("first", "总结", title=act)])
        sys.stdout.write("written\n")
        sys.stdout.flush()
        number = 0
        while True:
            writer.write([document(f"{number}-{part}", "总结 计划") for part in range(50)])
            number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
