"""The built-in brain: it answers without any language model, by a small grammar, a planner and writers."""
