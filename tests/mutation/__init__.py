"""Do the tests see a wrong rule? Small faults are planted in gradient rules, shape rules and rewrites, one by one."""
