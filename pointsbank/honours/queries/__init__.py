"""What can be asked: ladders, figures, lists of the desk, the public board, votes, certificates."""
