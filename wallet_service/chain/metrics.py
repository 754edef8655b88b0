"""What operators watch of the chain's side, in Prometheus form. Labels are few and never name a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_LATENCY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

requests = Counter("alba_chain_requests", "Requests to the node", ["method", "outcome"])
request_seconds = Histogram(
    "alba_chain_request_seconds", "Time of a request to the node", ["method"], buckets=_LATENCY_BUCKETS_S
)
stored_waiting = Gauge("alba_chain_transactions_waiting", "Stored transactions that are not mined yet")
oldest_waiting_seconds = Gauge(
    "alba_chain_oldest_waiting_seconds", "Age of the oldest stored transaction that is not mined yet"
)
commands_waiting = Gauge("alba_chain_commands_waiting", "Commands queued and not sent yet")
commands_failed = Counter("alba_chain_commands_failed", "Commands the contract refused", ["kind"])
batch_payments = Histogram(
    "alba_settle_batch_payments",
    "Payments in one settle transaction",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)
stored_to_mined_seconds = Histogram(
    "alba_chain_stored_to_mined_seconds", "From stored bytes to a final block", buckets=_LATENCY_BUCKETS_S
)
broadcast_errors = Counter("alba_chain_broadcast_errors", "Transactions the node did not take", ["reason"])
displaced = Counter("alba_chain_displaced", "Stored transactions whose nonce another transaction took")
index_lag_blocks = Gauge("alba_index_lag_blocks", "Final blocks not indexed yet")
index_seconds = Histogram("alba_index_range_seconds", "Time to index one range", buckets=_LATENCY_BUCKETS_S)
indexed_events = Counter("alba_indexed_events", "Ledger events indexed", ["name"])
rewinds = Counter("alba_index_rewinds", "Times the copy was rewound")
contradictions = Counter("alba_chain_contradictions", "Answers of the node that exclude each other", ["kind"])
node_doubted = Gauge("alba_chain_node_doubted", "1 while the node's answers are not taken")
copy_short = Gauge("alba_index_copy_short", "1 while the copy lacks blocks and no balance is said")
nodes = Gauge("alba_chain_nodes", "Nodes of the profile, by what is thought of them", ["state"])
validation_days_left = Gauge(
    "alba_chain_validation_days_left",
    "Whole days until a validator's validation ends, -1 once it has",
    ["node"],
)
node_restarts = Counter("alba_embedded_node_restarts", "Times the embedded node was started again")
node_wakes = Counter(
    "alba_embedded_node_wakes", "Times blocks of the embedded node had to be asked for again"
)
keys_standing_still = Gauge(
    "alba_chain_keys_standing_still", "Keys whose next transaction the node has and does not mine"
)
standstills = Counter("alba_chain_standstills", "Times a key's transactions began to stand still")
unexplained = Gauge("alba_chain_unexplained", "What is on chain without a cause in SQL", ["kind"])
comparisons_missed = Counter(
    "alba_chain_comparisons_missed", "Looks that found no moment to compare the chain's state with SQL's"
)
pool_repairs = Counter(
    "alba_embedded_pool_repairs", "Times a key's transactions were dropped from the pool and sent again"
)
state_dump_seconds = Histogram("alba_embedded_dump_seconds", "Time to save the embedded node's state")
state_dumps_spoilt = Counter(
    "alba_embedded_dumps_spoilt",
    "Times the embedded node's state was not saved because new blocks kept coming",
)
