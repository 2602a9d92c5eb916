"""Real servers for tests: private ones on random ports of the loopback address, from whatever the machine offers."""
