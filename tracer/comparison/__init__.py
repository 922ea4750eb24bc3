"""Whether two programs, or a program and what somebody wrote by hand, are the same."""
