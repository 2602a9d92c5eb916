"""The DeskSync library: what the services share. Start reading at `desksync.sync`."""
