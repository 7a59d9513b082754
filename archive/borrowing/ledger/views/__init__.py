"""Pages of the register of use, its statistics and its effects."""
