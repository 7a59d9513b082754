"""Where the store keeps what proves an act and belongs to no item, such as scans of signed forms."""

__all__ = ["EVIDENCE"]

EVIDENCE = "evidence/"
