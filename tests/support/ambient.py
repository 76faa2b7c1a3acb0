"""The cluster of the environment: kubectl and helm on PATH, the one that KUBECONFIG names."""

from lab.system import run


class Ambient:
    """What the lab's installers need of a cluster."""

    def kubectl(self, *args: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Run kubectl and return what it prints."""
        return run(["kubectl", *args], stdin=stdin, timeout=timeout).stdout

    def helm(self, *args: str, stdin: str | None = None, timeout: float = 300) -> str:
        """Run helm and return what it prints."""
        return run(["helm", *args], stdin=stdin, timeout=timeout).stdout
