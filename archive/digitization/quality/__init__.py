"""The quality line of DA/T 31: the plan of a batch, what is wrong with its pages, sampling checks, statistics."""
