"""What recognition and the way around it cost and get wrong, each figure beside a peer on the same pages."""
