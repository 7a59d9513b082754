"""What the inbox costs when ten thousand decisions wait."""
