"""The words of an operator's folder: units, firewall, proxy, checklist. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.network.plans.operators_file import NetworkPlan, Validator
from wallet_service.chain.node.several.validators_list import IDENTITY_PATH, LIST_PATH

HARDENING = """UMask=0077
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
"""


def unit() -> str:
    return f"""[Unit]
Description=Validator of the regional currency's chain
After=network-online.target
Wants=network-online.target

[Service]
User=alba-chain
ExecStart=/opt/alba-chain/validator --config-file=/etc/alba-chain/settings.json
Restart=always
RestartSec=2
LimitNOFILE=65536
{HARDENING}ReadWritePaths=/var/lib/alba-chain

[Install]
WantedBy=multi-user.target
"""


def days_unit(plan: NetworkPlan, http_port: int) -> str:
    """Fails, so that the machine's own alarms ring, when a validation ends within the days of an alarm."""
    program = "/opt/alba/.venv/bin/python -m scripts.network.validations.days"
    command = f"{program} http://127.0.0.1:{http_port} {plan.list_id}"
    return f"""[Unit]
Description=Days until validations of the chain end
OnFailure=alarm@%n.service

[Service]
Type=oneshot
User=alba-chain
WorkingDirectory=/opt/alba
ExecStart={command}
{HARDENING}"""


def days_timer() -> str:
    return """[Unit]
Description=Asks every day

[Timer]
OnCalendar=daily
RandomizedDelaySec=1h
Persistent=true

[Install]
WantedBy=timers.target
"""


def firewall(plan: NetworkPlan, own: Validator, staking: int, proxy_port: int, http: int) -> str:
    """nftables: validators reach the peer port, the service the proxy, nobody the questions' port."""
    others = [one.host for one in plan.validators if one is not own]
    rules = [*_accept(others, staking), *_accept(plan.services, proxy_port)]
    lines = "\n".join(f"    {rule}" for rule in rules)
    return f"""table inet alba_chain {{
  chain input {{
    type filter hook input priority 0; policy accept;
{lines}
    tcp dport {{ {staking}, {proxy_port} }} drop
    iif != lo tcp dport {http} drop
  }}
}}
"""


def _accept(hosts: Sequence[str], port: int) -> list[str]:
    rules = []
    for family, of_family in (
        ("ip", [host for host in hosts if ":" not in host]),
        ("ip6", [host for host in hosts if ":" in host]),
    ):
        if of_family:
            rules.append(f"{family} saddr {{ {', '.join(of_family)} }} tcp dport {port} accept")
    return rules


def proxy(plan: NetworkPlan, own: Validator, port: int, http: int) -> str:
    """nginx: the service's questions over TLS with its certificate, to three addresses and no other.

    The chain's own, and two that say who the validator is and until when each validates.
    """
    address = f"[{own.host}]" if ":" in own.host else own.host
    allowed = "\n".join(f"  allow {host};" for host in plan.services)
    paths = (f"/ext/bc/{plan.chain_name}/rpc", IDENTITY_PATH, LIST_PATH)
    locations = "\n".join(_location(path, http) for path in paths)
    return f"""server {{
  listen {address}:{port} ssl;
  ssl_protocols TLSv1.3;
  ssl_certificate /etc/alba-chain/tls/proxy.crt;
  ssl_certificate_key /etc/alba-chain/tls/proxy.key;
  ssl_client_certificate /etc/alba-chain/tls/services-ca.crt;
  ssl_verify_client on;
{allowed}
  deny all;
  client_max_body_size 4m;
{locations}
  location / {{ return 404; }}
}}
"""


def _location(path: str, http: int) -> str:
    return f"""  location = {path} {{
    limit_except POST {{ deny all; }}
    proxy_pass http://127.0.0.1:{http};
    proxy_set_header Host 127.0.0.1;
  }}"""


def checklist(plan: NetworkPlan, own: Validator, may_fail: int) -> str:
    names = ", ".join(one.name for one in plan.validators)
    count = len(plan.validators)
    return f"""# {own.name}: the key ceremony, and the first block

Two people of {own.name}, at the machine {own.host}. Operators: {names}.
With {count} validators {may_fail} may fail.

## Keys, before anything is exchanged
- [ ] the engine was built on this machine (`make network` does; copy `.tools/network` to /opt/alba-chain)
- [ ] `python -m scripts.network.plans.ceremony identity --folder /etc/alba-chain` made `staking/`, mode 0600,
      user alba-chain
- [ ] nobody else has those files, and no message ever held one
- [ ] node_id is {own.node_id}; signing_key begins with {own.signing_key[:18]}
- [ ] a copy of `staking/` lies sealed in a safe of {own.name}, with both names and the date on it
- [ ] the owner's, the stake's and the authority's keys were made by `ceremony owner` before witnesses of two
      other operators, and lie in two sealed copies at two institutions

## First state
- [ ] `sha256sum genesis.json chain.json` was read aloud by every operator and is the same for all
- [ ] firewall rules are loaded and survive a restart; `ss -ltn` shows 9650 on 127.0.0.1 alone
- [ ] the clock is kept by NTP; the disk holds a year at the expected load, twice
- [ ] the unit is started; `curl -s http://127.0.0.1:9650/ext/health` says healthy, with {count - 1} peers

## The chain
- [ ] the list and the chain were founded once, by the keeper of the owner's key (docs/operators.md); their
      names were read aloud, stand in `[founded]`, and this folder was written again
- [ ] `lists/`, `chains/`, `settings.json` are those of the second writing; the first two are the same for all
- [ ] `rpc-proxy.conf` answers the service's certificate, and nobody without one
- [ ] `alba-chain-days.timer` is on; `alarm@.service` reaches a person of {own.name}
- [ ] `make conformance RPC=...` over all proxies has no failure
"""
