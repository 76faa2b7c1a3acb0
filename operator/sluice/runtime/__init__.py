"""The process: the only code that knows kopf. Watches poke, one queue reconciles, one lease decides who may write."""
