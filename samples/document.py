"""What is known about a sample: its catalogue fields, how it is printed, and how it was scanned."""

from collections.abc import Callable
from dataclasses import dataclass

from samples.paper import Typesetter

__all__ = ["Document"]


@dataclass(frozen=True)
class Document:
    """One sample. `write` prints it; `file` names the result and by its ending says how it is kept."""

    file: str
    title: str
    document_number: str
    date: str
    issuer: str
    department: str
    control: str
    retention: str
    write: Callable[[Typesetter], None]
    dpi: int = 300
    colour: bool = True
    bilevel: bool = False
    wear: float = 1.0
    quality: int = 50
    body: str = "fang"
    size: int = 66
    pitch: int = 120
