"""What befalls one validator's machine: slow, cut off, its disk full, its data gone.

What needs a right this process does not have is not asked, and its line says so.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from scripts.network import nodes as processes
from scripts.network.layout import Node
from scripts.network.trials.cable import Cable, are_namespaces_permitted
from scripts.network.trials.scene import MAX_P99_S, Scene, Seen, shown_s

#: Of each second a slow validator works so long.
AWAKE_S, ASLEEP_S = 0.2, 0.8
DISK_SPARE_BYTES = 8 * 2**20
BALLAST_BYTES = 2**20
LIST_FOLDERS = ("db", "chainData")


class MachineFaults(Scene):
    """One validator of five at a time; payments must go on."""

    def one_paused(self) -> Seen:
        node, pid, began_s = self._somebody()
        os.killpg(pid, signal.SIGSTOP)
        try:
            time.sleep(self.calm_s)
            p99_s = self.p99_since(began_s)
        finally:
            os.killpg(pid, signal.SIGCONT)
        return self._went_on(f"1 of 5 paused with SIGSTOP ({node.name})", p99_s)

    def one_slow(self) -> Seen:
        node, pid, began_s = self._somebody()
        enough = threading.Event()
        walker = threading.Thread(target=_limp, args=(pid, enough), daemon=True)
        walker.start()
        time.sleep(self.calm_s)
        p99_s = self.p99_since(began_s)
        enough.set()
        walker.join()
        return self._went_on(f"1 of 5 slow, asleep {ASLEEP_S:.1f} s of each second ({node.name})", p99_s)

    def one_cut_off(self) -> Seen:
        """It runs in a network of its own, where it reaches nobody and nobody reaches it."""
        node, _, _ = self._somebody()
        fault = f"1 of 5 cut off by the network ({node.name})"
        if not are_namespaces_permitted():
            return Seen(fault, True, "not asked: network namespaces are not permitted here")
        others = [one for one in self.founded.nodes if one != node]
        processes.stop(self.folder, [node])
        cable = Cable(node, others)
        try:
            processes.start(
                self.folder, node, self.founded.nodes, self.engine, self.founded, within=cable.within
            )
            self.wait_for_agreement()
            began_s = time.monotonic()
            cable.cut()
            time.sleep(self.calm_s)
            p99_s, is_silent = self.p99_since(began_s), not self.answers(node)
            cable.mend()
            went = self._went_on(fault, p99_s)
        finally:
            processes.kill(self.folder, node)
            cable.remove()
        self.start([node.name])
        self.wait_for_agreement()
        cut = "running and out of reach" if is_silent else "it was not cut off"
        return Seen(fault, went.held and is_silent, f"{cut}; {went.sentence}")

    def one_disk_full(self) -> Seen:
        node, _, began_s = self._somebody()
        fault, place = f"the disk of one validator full ({node.name})", self.folder / node.name
        processes.stop(self.folder, [node])
        if not _on_small_disk(place):
            self.start([node.name])
            return Seen(fault, True, "not asked: mounting a small disk is not permitted here")
        try:
            self.start([node.name])
            self.wait_for_agreement()
            _fill(place / "ballast")
            time.sleep(self.calm_s)
            p99_s = self.p99_since(began_s)
            is_alive = processes.pid_of(self.folder, node) is not None
            processes.kill(self.folder, node)
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)
        self.start([node.name])
        went = self._went_on(fault, p99_s)
        what = "it ran on" if is_alive else "it ended by itself"
        return Seen(went.fault, went.held, f"{what}; {went.sentence}")

    def one_wiped(self) -> Seen:
        node, _, began_s = self._somebody()
        processes.kill(self.folder, node)
        for name in LIST_FOLDERS:
            shutil.rmtree(self.folder / node.name / name, ignore_errors=True)
        self.start([node.name])
        back_s = self.wait_for_agreement()
        p99_s = self.p99_since(began_s)
        return Seen(
            f"one validator's data wiped ({node.name})",
            back_s is not None,
            f"it read the chain from the others in {shown_s(back_s)}; p99 to final {shown_s(p99_s)}",
        )

    def _somebody(self) -> tuple[Node, int, float]:
        """A validator that runs, its process, and now."""
        node = self.rng.choice(self.founded.nodes)
        pid = processes.pid_of(self.folder, node)
        assert pid is not None, f"{node.name} does not run"
        return node, pid, time.monotonic()

    def _went_on(self, fault: str, p99_s: float | None) -> Seen:
        back_s = self.wait_for_agreement()
        held = p99_s is not None and p99_s < MAX_P99_S and back_s is not None
        sentence = f"p99 to final {shown_s(p99_s)} meanwhile; caught up by itself in {shown_s(back_s)}"
        return Seen(fault, held, sentence)


def _limp(pid: int, enough: threading.Event) -> None:
    while not enough.is_set():
        os.killpg(pid, signal.SIGSTOP)
        enough.wait(ASLEEP_S)
        os.killpg(pid, signal.SIGCONT)
        enough.wait(AWAKE_S)


def _on_small_disk(place: Path) -> bool:
    """Its data on a disk with little room left; False where that is not permitted."""
    used = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    aside = place.with_name(f"{place.name}.copy")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(place, aside)
    options = f"size={used * 5 // 4 + DISK_SPARE_BYTES},mode=0700"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    is_mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    if is_mounted:
        shutil.copytree(aside, place, dirs_exist_ok=True)
    shutil.rmtree(aside)
    return is_mounted


def _fill(ballast: Path) -> None:
    """Until nothing more is taken."""
    with ballast.open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(BALLAST_BYTES)):
                pass
        except OSError:
            return
