"""The last import of the process that others are forked from: what was imported until then is nobody's garbage.

Without it, each fork would look through all of it at its first full collection, and copy the pages by doing so.
"""

import gc

gc.collect()
gc.freeze()
