"""Pages of approval: the inbox and its cases, delegations, and the table of chains."""
