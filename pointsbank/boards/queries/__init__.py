"""Questions of the boards, a file for each page: the passbook, what is around, the desk, the figures."""
