"""The demo's own scans: documents of an invented enterprise, and the scripts that write, print and scan them."""
