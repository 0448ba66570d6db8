"""Commands within a sentence, by the name that the reader knows them by: they are of `shell`."""

from nightshift.agent.builtin.shell import without_commands

__all__ = ["without_commands"]
