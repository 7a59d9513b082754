"""What Danggui promises, proven on real parts."""
