"""The bench: this project beside its limit and its peers, in one run on one machine. `python -m bench --help`.

    load ─▶ topics of a contender's own ─▶ contender, a process of its own ─▶ pace ─▶ one table

`workloads` says what is run, `ground` where, `contender` how a process is held, `offsets` and `latency` how it is
timed. Processes: `run_worker` (this project), `run_decode_limit`, `run_faust`, `run_quix`.
"""
