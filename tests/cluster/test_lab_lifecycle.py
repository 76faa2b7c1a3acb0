"""The lab comes up whole, twice at once, after any crash, and goes without leaving anything behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from lab import cluster as lab
from lab import drills, network, processes
from lab.cluster import Cluster
from lab.paths import LAB, State, clusters
from lab.system import LabError, Progress, run, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "cycle"
OTHER = "cycle-other"
ROOT = LAB.parent
MOUNT_POINTS = ("/run/containerd", "/run/netns", "/var/lib/kubelet", "/var/lib/cni", "/var/log", "/etc/resolv.conf")
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "probe", "namespace": "default"},
    "spec": {"containers": [{"name": "pause", "image": "localhost/pause:3", "imagePullPolicy": "Never"}]},
}


class Traces(NamedTuple):
    """What a cluster can leave behind on the machine; other labs may come and go meanwhile."""

    mounts: list[str]
    namespaces: list[str]
    interfaces: list[str]
    cgroups: list[str]
    files: list[str]


def traces() -> Traces:
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    ours = (*MOUNT_POINTS, str(State.of(NAME).root), str(State.of(OTHER).root))
    interfaces = json.loads(run(["ip", "-json", "link"]).stdout)
    others = set(lab.names()) - {NAME, OTHER}

    def without_others(found: Iterable[str]) -> list[str]:
        return sorted(each for each in found if each.rpartition("/")[2] not in others)

    return Traces(
        mounts=without_others(mount for mount in mounts if mount.startswith(ours)),
        namespaces=without_others(path.name for path in Path("/run/netns").glob("*")),
        interfaces=sorted(link["ifname"] for link in interfaces),
        cgroups=without_others(str(path) for path in Path("/sys/fs/cgroup").glob("*/*")),
        files=without_others(str(path) for path in (*Path("/etc/netns").glob("*"), *clusters().glob("*"))),
    )


def pid_namespaces(cluster: Cluster) -> set[str]:
    """Return the PID namespaces of the cluster and its pods."""
    listed = cluster.exec(["sh", "-c", "readlink /proc/[0-9]*/ns/pid || true"]).stdout
    return set(listed.split())


def processes_in(namespaces: set[str]) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str((entry / "ns/pid").readlink()) in namespaces:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def all_are_gone(namespaces: set[str]) -> None:
    # The dead stay visible until the machine's process 1 has buried them.
    wait_until("burial", lambda: not processes_in(namespaces), seconds=10, next_step="look for zombies")


def run_pod(cluster: Cluster) -> None:
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(POD))
    cluster.kubectl("wait", "--for=condition=Ready", "pod/probe", "--timeout=60s", timeout=90)


def node_is(cluster: Cluster, ready: str) -> None:
    path = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
    wait_until(
        f"Ready={ready}",
        lambda: cluster.kubectl("get", "node", network.NODE_NAME, "-o", path) == ready,
        seconds=90,
        next_step="read the kubelet's log",
    )


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    for name in (NAME, OTHER):
        lab.down(name)
    before = traces()
    yield
    for name in (NAME, OTHER):
        lab.down(name)
    assert traces() == before


def test_three_cycles_leave_nothing() -> None:
    before = traces()
    for _ in range(3):
        cluster = Cluster.up(NAME)
        run_pod(cluster)
        namespaces = pid_namespaces(cluster)
        assert len(namespaces) >= 2, "the pod has a PID namespace of its own"
        assert len(processes_in(namespaces)) > 8
        cluster.down()
        all_are_gone(namespaces)
        assert traces() == before


def test_two_clusters_at_once_do_not_meet() -> None:
    one, other = Cluster.up(NAME), Cluster.up(OTHER)
    run_pod(one)
    run_pod(other)
    one.kubectl("create", "configmap", "mine")
    assert "mine" not in other.kubectl("get", "configmaps", "-o", "name")

    one.down()

    assert other.kubectl("get", "pod", "probe", "-o", "jsonpath={.status.phase}") == "Running"
    assert (
        "kubernetes.default" in other.run_in_netns(["getent", "hosts", "kubernetes.default.svc.cluster.local"]).stdout
    )


def test_a_second_up_finds_the_running_cluster() -> None:
    first = Cluster.up(NAME)
    first.kubectl("create", "configmap", "kept")
    again = Cluster.up(NAME)
    assert again == first == Cluster.attach(NAME)
    assert "configmap/kept" in again.kubectl("get", "configmaps", "-o", "name")


@pytest.mark.parametrize(
    "last_line",
    [
        pytest.param("certificates and containerd root made", id="before anything runs"),
        pytest.param("API server ready", id="while the node joins"),
        pytest.param("node Ready", id="at the last checks"),
    ],
)
def test_up_and_down_work_after_up_was_killed(last_line: str) -> None:
    command = [sys.executable, "-m", "lab", "up", "--bare", "--name", NAME]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as starting:
        for line in starting.stdout or ():
            if last_line in line:
                starting.kill()
                break
    assert starting.returncode == -signal.SIGKILL
    with pytest.raises(LabError, match="no lab called"):
        Cluster.attach(NAME)
    cluster = Cluster.up(NAME)
    run_pod(cluster)


def test_down_works_after_process_1_was_killed_and_its_namespace_deleted() -> None:
    cluster = Cluster.up(NAME)
    run_pod(cluster)
    namespaces = pid_namespaces(cluster)
    run(["ip", "netns", "del", NAME])
    os.kill(cluster.namespaces.init, signal.SIGKILL)
    lab.down(NAME)
    all_are_gone(namespaces)


def test_down_of_nothing_is_fine() -> None:
    lab.down(NAME)
    lab.down(NAME)


def test_what_is_no_labs_is_left_alone() -> None:
    run(["ip", "netns", "add", OTHER])
    folder = Path("/sys/fs/cgroup/pids") / NAME
    folder.mkdir()
    try:
        for name in (NAME, OTHER):
            with pytest.raises(LabError, match="that is no lab's"):
                Cluster.up(name)
            with pytest.raises(LabError, match="that is no lab's"):
                lab.down(name)
        assert network.exists(OTHER)
        assert folder.exists()
    finally:
        run(["ip", "netns", "del", OTHER])
        folder.rmdir()


def test_drills() -> None:
    cluster = Cluster.up(NAME)
    run_pod(cluster)

    killed = drills.kill_container(cluster, "probe")
    count = "jsonpath={.status.containerStatuses[0].restartCount}"
    wait_until(
        "restart", lambda: cluster.kubectl("get", "pod", "probe", "-o", count) == "1", seconds=60, next_step="look"
    )
    assert killed not in cluster.kubectl(
        "get", "pod", "probe", "-o", "jsonpath={.status.containerStatuses[0].containerID}"
    )

    drills.stop(cluster, "kubelet")
    node_is(cluster, "Unknown")
    drills.start(cluster, "kubelet")
    node_is(cluster, "True")

    for component in ("kube-apiserver", "etcd"):
        drills.stop(cluster, component)
        assert not processes.alive(cluster.namespaces, cluster.state, component)
        drills.start(cluster, component)
    wait_until(
        "the API answers again",
        lambda: cluster.exec([cluster.binaries / "kubectl", "get", "pod", "probe"], check=False).returncode == 0,
        seconds=60,
        next_step="read the API server's log",
    )
    node_is(cluster, "True")


def test_the_verbs_of_the_command_line() -> None:
    def typed(*words: str, stdin: str = "") -> str:
        return run([sys.executable, "-m", "lab", *words], cwd=ROOT, stdin=stdin, timeout=180).stdout

    assert f"{NAME} is up" in typed("up", "--bare", "--name", NAME)
    assert f"{NAME}: up, 8 of 8 components run" in typed("status")
    assert Path(typed("kubeconfig", "--name", NAME).strip()) == State.of(NAME).kubeconfig
    assert "node1" in typed("shell", "--name", NAME, stdin="kubectl get nodes\n")
    assert typed("exec", "--name", NAME, "--", "pwd").strip() == str(ROOT)
    assert f"{NAME} is down" in typed("down", "--name", NAME)


def test_a_failed_start_says_why_and_where_to_read_on() -> None:
    told: list[str] = []
    cluster = Cluster.up(NAME, progress=Progress(told.append))
    drills.stop(cluster, "kube-apiserver")
    with pytest.raises(LabError, match=r"(?s)kube-apiserver has ended:.*next: read .*kube-apiserver\.log") as error:
        processes.wait_ready(cluster.namespaces, cluster.state, "kube-apiserver", lambda: False)
    assert "logs/kube-apiserver.log" in error.value.next_step
    assert [line for line in told if "node Ready" in line]
