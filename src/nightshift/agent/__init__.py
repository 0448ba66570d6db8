"""The agent: one graph, two brains, the tools wrapped for it, and what guards its answers."""
