"""Client-side encryption of a store, for those who want it: what leaves this machine is sealed.

`sealing` is the format of the bytes, `data_keys` keeps their keys wrapped in the store, `key_file` has the master keys,
`cipher` brings them together for `storage.layout`, and `store` is a whole ObjectStore behind it. Why an OCFL object
stays valid as it lies: docs/decisions/0006-encryption-keeps-objects-valid.md.
"""
