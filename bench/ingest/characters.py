"""Wrong characters: ours, tesseract through our interface, and the program tesseract told each page's language."""

from collections.abc import Callable, Iterator, Sequence

from bench.figures import Figure
from bench.ingest import tesseract
from bench.ingest.scoring import Errors, all_signs, errors_of, words_only
from bench.ingest.setting import Setting
from bench.pages import JudgedPage

__all__ = ["figures"]

Pick = Callable[[JudgedPage], bool]
#: name, which pages, goal
GROUPS: tuple[tuple[str, Pick, str], ...] = (
    ("all pages", lambda _: True, "<= 0.6 %, 0.3 %"),
    ("simplified", lambda page: page.script == "simplified", ""),
    ("traditional", lambda page: page.script == "traditional" and page.kind != "vertical", "<= 0.7 %, 0.4 %"),
    ("English", lambda page: page.script == "english", ""),
    ("both", lambda page: page.script == "mixed", ""),
    ("vertical", lambda page: page.kind == "vertical", ""),
    ("tables", lambda page: page.kind == "list", ""),
    ("with a seal", lambda page: page.has_seal, ""),
    ("clean", lambda page: page.difficulty == "clean", ""),
    ("mild", lambda page: page.difficulty == "mild", ""),
    ("bad", lambda page: page.difficulty == "bad", ""),
    ("fax", lambda page: page.difficulty == "fax", ""),
)


def figures(setting: Setting) -> Iterator[Figure]:
    """Edits for each character: all signs, and letters, digits and characters alone; ratios where all have read."""
    pages, few = setting.pages, slice(0, setting.few)
    ours = [text.text for text in setting.texts("ppocr")]
    wrapped = [text.text for text in setting.texts("tesseract")]
    folder = setting.folder / "tesseract"
    tesseract.cost(pages[few], setting.paths[few], folder)
    raw = tesseract.texts(setting.paths[few], folder)
    for name, pick, goal in GROUPS:
        if any(map(pick, pages)):
            mine, same, helped, bare = (_errors(pages, texts, pick) for texts in (ours, ours[few], wrapped, raw))
            ratio = bare[0].share / same[0].share if same[0].edits else None
            peer = f"tesseract {bare[0]}, {bare[1]}; ours of it {helped[0]}, {helped[1]}"
            what = f"characters wrong, {name} ({_number(pages, pick)} pages)"
            yield Figure(what, f"{mine[0]}, {mine[1]}", peer, ratio, goal)


def _errors(pages: Sequence[JudgedPage], texts: Sequence[str], pick: Pick) -> tuple[Errors, Errors]:
    """Of the pages that were read: the first ones."""
    pairs = [(page.truth.text, text) for page, text in zip(pages, texts, strict=False) if pick(page)]
    signs, words = ([(fold(truth), fold(text)) for truth, text in pairs] for fold in (all_signs, words_only))
    return errors_of(signs), errors_of(words)


def _number(pages: Sequence[JudgedPage], pick: Pick) -> int:
    return sum(map(pick, pages))
