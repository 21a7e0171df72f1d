"""Methods and commands under study. They build on the core; nothing in the core depends on them."""
