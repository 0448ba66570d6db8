"""What is so and is no figure: states, errors, settings that a fault may bend. `World.condition` answers for them.

| entity | name | base | others |
| --- | --- | --- | --- |
| `guest/<vmid>` | `qmpstatus` | `running` | `paused`, `io-error`, `internal-error` … |
| | `lock` | empty | `backup`, `migrate`, `snapshot` … |
| | `node` | where it is configured | after a migration another one |
| | `agent_answers` | True | False: installed, yet silent |
| | `discard` | True | False: its disks lack the option |
| | `unused_disk_bytes` | 0 | the size of a detached disk |
| | `missing_storage` | empty | a storage that one of its disks names and that is gone |
| | `snapshot` | None | (name, description, epoch s) of one that was forgotten |
| | `ha_state`, `ha_request` | `started` | `error`, `fence`, `stopped`, `ignored` … |
| | `ha_nodes` | empty | the only nodes on which it may run, with commas |
| `node/<name>` | `statistics` | `fresh` | `stuck`: guests and storages turn unknown while the node is online |
| | `maintenance` | False | True |
| | `release` | the cluster's | another release of PVE, in the middle of an upgrade |
| | `updates` | how many packages wait | a number |
| | `repository` | empty | `enterprise`, `malformed` |
| | `kernel` | the release's | an older one that still runs |
| `disk/<node>/<serial>` | `health` | `PASSED` | `FAILED` |
| | `reallocated`, `pending`, `media_errors`, `crc_errors` | 0 | numbers |
| | `wear` | fraction used up | a larger one |
| | `present` | True | False: gone from the bus |
| `pool/<node>/<name>` | `state` | `ONLINE` | `DEGRADED`, `FAULTED`, `SUSPENDED` |
| | `member:<serial>` | `ONLINE` | `DEGRADED`, `FAULTED`, `REMOVED`, `UNAVAIL` |
| | `read`, `write`, `cksum` | 0 | errors of the whole pool's first bad member |
| | `errors` | `No known data errors` | as zpool words it |
| | `scrub` | empty | `running` |
| | `scrubbed_at` | 0 | epoch s of a scrub that found something |
| | `scrubbed_until` | now | epoch s since when it is scrubbed no more |
| `thin/<node>/<group>/<volume>` | `metadata_fraction` | about a hundredth | larger |
| `link/<node>/<name>` | `carrier` | True | False |
| `service/<node or server>/<name>` | `state` | `running` | `dead`, `failed` |
| `certificate/<node or server>` | `not_after` | epoch s | earlier |
| `replication/<id>` | `error` | empty | what the last run said |
| | `stopped_at` | None | epoch s since when it does not run |
| `storage/<node>/<name>` | `active` | whether its server runs | False |
| `datastore/<server>/<name>` | `error`, `maintenance` | empty | `read-only`, `offline` … |
| `gc/…`, `prune/…`, `verify/…`, `sync/<server>/<datastore>` | `error` | empty | the task's last line |
| | `enabled` | True | False: it does not run any more |
| | `still_bad` | 0 | damaged chunks that are needed (`gc/…` only) |
| `snapshots/<server>/<datastore>/<namespace>/<type>/<id>` | `verification` | `ok` | `failed`, of the newest |
| `job/<id>` | `enabled` | as configured | |
| `cluster` | `quorate` | more than half the votes | |
| | `external_vote` | empty: there is none | `Connected`, `Connect failed` |
| `osd/<number>` | `down` | False | True |
| | `fraction` | as the cluster | how full it is |
| `mon/<node>` | `down` | False | True |
| `ceph` | `inconsistent_groups`, `slow_ops` | 0 | numbers |
| `prometheus` | `rule-failing` … | False | True |
| `ups/<name>` | `status` | `OL` | `OB`, `OB LB`, `OL RB` |

Names of faults that bend them are in `faults`; `Fault.condition` receives the entity, the name, the time and the base.
"""
