"""Who did what: written in the transaction of the act, then sealed into a hash chain, then kept in the store."""
