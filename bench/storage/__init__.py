"""What keeping costs, each figure beside the same work done by the plainest means, in the same run."""
