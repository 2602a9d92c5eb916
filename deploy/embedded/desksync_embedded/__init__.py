"""The `desksync` command: everything in one process, the trial with both stand-ins, and the tools of an operator."""
