"""veraPDF, the program by which archives judge PDF/A files; not a server, but as real as those beside it."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers.process import ServerMissingError, cache_folder, program

__all__ = ["broken_rules"]

_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"
_POM = Path(__file__).parent / "verapdf" / "pom.xml"


def broken_rules(paths: Sequence[Path], flavour: str = "2b") -> dict[Path, list[str]]:
    """For each file what it breaks of the standard, as "clause: description"; nothing for a valid one.

    Starting takes some seconds: judge many files at once. Raises ServerMissingError.
    """
    java: list[str | Path] = [program("java"), "-cp", f"{_jars()}/*", _MAIN]
    done = subprocess.run([*java, "--flavour", flavour, "--format", "json", *paths], capture_output=True, check=False)
    if not done.stdout:
        raise ServerMissingError(f"veraPDF said nothing but: {done.stderr.decode(errors='replace')[-500:]}")
    jobs = json.loads(done.stdout)["report"]["jobs"]
    found = {Path(job["itemDetails"]["name"]).resolve(): _broken(job) for job in jobs}
    return {path: found[path.resolve()] for path in paths}


def _jars() -> Path:
    version = _POM.read_text("utf-8").partition("<version>")[2].partition("<")[0]
    jars = cache_folder() / f"verapdf-{version}"
    if not jars.is_dir():
        raise ServerMissingError("veraPDF is not here: sh tools/verapdf.sh fetches it")
    return jars


def _broken(job: dict[str, object]) -> list[str]:
    results = job.get("validationResult")
    if not isinstance(results, list):
        return ["it cannot be read"]
    rules = [rule for result in results for rule in result["details"]["ruleSummaries"]]
    return [f"{rule['clause']}: {rule['description']}" for rule in rules if rule["ruleStatus"] == "FAILED"]
