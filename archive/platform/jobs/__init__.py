"""Durable work: jobs live in our table, in the transaction that wants them; executors are stateless."""
