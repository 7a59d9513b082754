"""Writes judged pages into a folder, each beside a file with the truth about it.

python -m bench.pages FOLDER [--seed N] [--count N]
"""

import argparse
import json
from pathlib import Path

from bench.pages import make_pages


def main() -> None:
    """Write them and say how many."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description="Write judged pages into a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=24)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for page in make_pages(arguments.seed, arguments.count):
        path = page.save(arguments.folder)
        facts = {"kind": page.kind, "script": page.script, "difficulty": page.difficulty, "fields": page.fields}
        truth = facts | {"truth": page.truth.to_json()}
        path.with_suffix(".json").write_text(json.dumps(truth, ensure_ascii=False), "utf-8")
        print(f"{path}  {page.kind}, {page.script}, {page.difficulty}, {page.dpi} dpi")


if __name__ == "__main__":
    main()
