"""A whole installation in one folder, and back: every row, everything stored. The folder is a BagIt bag (RFC 8493).

`data/database/<table>.jsonl.gz` holds the rows as archive.platform.rows writes them, whatever the database was;
`data/store/<key>` each stored object byte for byte as it lies in the store: what is encrypted there is encrypted here,
and the key file is not in it; `data/backup.json` says of what and when.
"""
