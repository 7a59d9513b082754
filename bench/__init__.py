"""What Danggui costs: measured on the running product, never asserted in tests."""
