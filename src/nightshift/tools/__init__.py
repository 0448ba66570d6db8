"""What an agent can ask: plain async functions with typed arguments in and Evidence out, no language model in them."""
