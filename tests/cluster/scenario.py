"""Given, when, then: a rollout on a real cluster in the words of the people who use it.

Every wait is for a condition and bounded; nothing sleeps for a time that somebody guessed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import shop
from tests.support.clients import Clients
from tests.support.faults import Faults, mended, until
from tests.support.history import History, Version, phase
from tests.support.kube import Json, Kube
from tests.support.movements import TERMINAL
from tests.support.recorder import Recorder
from tests.support.registry import Registry

TARGET_SECONDS = 180.0
PHASE_SECONDS = 300.0


@dataclass
class Story:
    """One namespace with one target: its objects, its clients, and everything that was recorded."""

    kube: Kube
    registry: Registry
    faults: Faults
    recorder: Recorder
    clients: Clients
    folder: Path
    """Where what is worth keeping goes."""
    namespace: str
    target: str
    model: str = ""
    """Name of the registered model."""
    versions: dict[str, str] = field(default_factory=dict)
    """Version numbers by what the version is: champion, good, …"""
    candidate: str = ""
    """Name of the candidate that sentences are about: the one that was applied last."""

    @property
    def history(self) -> History:
        """What was recorded of this target so far."""
        return self.recorder.history.at(self.target)

    def life(self, candidate: str = "") -> tuple[Version, ...]:
        """Return the versions of a candidate."""
        name = candidate or self.candidate
        return tuple(version for version in self.history.of("ModelCandidate") if version.name == name)

    def now(self, candidate: str = "") -> Json:
        """Return a candidate as it is."""
        return self.kube.get("ModelCandidate", self.namespace, candidate or self.candidate)

    def wait(self, what: str, probe: Callable[[], bool], within: float) -> None:
        """Wait; when it takes too long, tell how the candidate stands."""
        try:
            until(what, probe, within)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.told()}") from None

    def told(self) -> str:
        """Return the candidates' histories in lines."""
        lines = []
        for candidate in self.kube.list("ModelCandidate", self.namespace):
            lines.append(f"{candidate['metadata']['name']}:")
            for entry in (candidate.get("status") or {}).get("history") or ():
                where = f"{entry['phase']} {entry['weight']:>3} {entry['reason']}"
                lines.append(f"  {entry['time'][11:23]} {where}: {entry['message']}")
        return "\n".join(lines)

    def dump(self) -> None:
        """Write what was recorded, for whoever has to find out what happened."""
        folder = self.folder / "records"
        folder.mkdir(parents=True, exist_ok=True)
        self.recorder.write(folder / f"{self.namespace}.jsonl")
        (folder / f"{self.namespace}.txt").write_text(self.told(), encoding="utf-8")


@dataclass(frozen=True)
class Given:
    """What is there before anything happens."""

    story: Story

    def target(self, **annotations: str) -> "Given":
        """Have the target, served by its own image and ready; a warm one is kept."""
        story = self.story
        self._have(shop.toy_target(story.namespace, story.target, story.model, **annotations))
        return self

    def sentiment_target(self, manifest: Json) -> "Given":
        """Have the target of the sentiment example."""
        self._have(manifest)
        return self

    def plan(self, name: str = "quick", **traffic: object) -> "Given":
        """Have a plan; `traffic` changes its live part."""
        story = self.story
        story.kube.apply(shop.plan(story.namespace, name, story.registry.holdout, **traffic))
        return self

    def load(self, rate: float = 40, long_share: float = 0) -> "Given":
        """Have clients that send so many requests a second, and wait until they are answered."""
        clients = self.story.clients
        clients.start(self.story.namespace, self.story.target, rate=rate, long_share=long_share)
        self.story.wait("clients are answered", lambda: any(record.ok for record in clients.report().records[-20:]), 60)
        return self

    def _have(self, manifest: Json) -> None:
        """Create the target unless it is there; another story may keep Seldon's webhook down for a while."""
        story = self.story

        def there() -> bool:
            if story.kube.find("SeldonDeployment", story.namespace, story.target) is None:
                story.kube.create(manifest)
            return True

        story.wait(f"target {story.target} is accepted", mended(there), TARGET_SECONDS)
        self._served()

    def _served(self) -> None:
        story = self.story

        def ready() -> bool:
            found = story.kube.get("SeldonDeployment", story.namespace, story.target)
            state = (found.get("status") or {}).get("state")
            return state == "Available" and bool(story.kube.find("VirtualService", story.namespace, story.target))

        story.wait(f"target {story.target} is served", ready, TARGET_SECONDS)


@dataclass(frozen=True)
class When:
    """What people, other tools and fate do."""

    story: Story

    def applies(self, name: str, version: str, *, plan: str = "quick") -> "When":
        """Apply a candidate: `version` says what it is (good, erring, …)."""
        story = self.story
        model = {"name": story.model, "version": story.versions[version]}
        story.kube.create(shop.candidate(story.namespace, name, story.target, model, plan))
        story.candidate = name
        return self

    def pauses(self) -> "When":
        """Set spec.paused."""
        return self._spec(paused=True)

    def resumes(self) -> "When":
        """Take spec.paused back."""
        return self._spec(paused=False)

    def aborts(self) -> "When":
        """Set spec.abort."""
        return self._spec(abort=True)

    def deletes(self, name: str = "") -> "When":
        """Delete the candidate, without waiting for it to go."""
        self.story.kube.delete("ModelCandidate", self.story.namespace, name or self.story.candidate)
        return self

    def waits_for(self, stage: str, *, step: int = 0, within: float = PHASE_SECONDS) -> "When":
        """Wait until the traffic machine is at a stage (and step); a candidate that ends before fails at once."""
        self._moment(
            f"stage {stage}, step {step + 1}",
            lambda version: version.traffic.get("stage") == stage and version.traffic.get("step", 0) >= step,
            within,
        )
        return self

    def waits_for_phase(self, wanted: str, within: float = PHASE_SECONDS) -> "When":
        """Wait until the candidate is in a phase."""
        self._moment(f"phase {wanted}", lambda version: phase(version) == wanted, within)
        return self

    def waits_for_applied(self, step: int = 0, within: float = PHASE_SECONDS) -> "When":
        """Wait until the weight of a step is in the route and judged."""
        self._moment(f"step {step + 1} applied", lambda version: version.judged_step == step, within)
        return self

    def somebody_resets_predictors(self) -> "When":
        """Write `predictors` back to the stable one alone, as a forced apply from Git does."""
        story = self.story
        found = story.kube.get("SeldonDeployment", story.namespace, story.target)
        stable = {**found["spec"]["predictors"][0], "traffic": 100}
        story.kube.patch("SeldonDeployment", story.namespace, story.target, {"spec": {"predictors": [stable]}})
        return self

    def _moment(self, what: str, seen: Callable[[Version], bool], within: float) -> None:
        """Wait for a version; the recorder also sees those that pass quickly."""
        story = self.story

        def reached() -> bool:
            life = story.life()
            if any(map(seen, life)):
                return True
            ended = life and phase(life[-1]) in TERMINAL
            assert not ended, f"{story.candidate} ended before {what}\n{story.told()}"
            return False

        story.wait(what, reached, within)

    def _spec(self, **fields: object) -> "When":
        self.story.kube.patch("ModelCandidate", self.story.namespace, self.story.candidate, {"spec": fields})
        return self
