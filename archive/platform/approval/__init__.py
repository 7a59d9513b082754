"""Approval: chains of steps as a pure state machine, stored with who decided what and when."""
