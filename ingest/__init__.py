"""From scan to text: sources, pages, recognition, derivatives. No database, no web; knows storage only for bytes."""
