"""Then: what must have come of a story, for the objects, for the clients, and at every moment between."""

import time
from dataclasses import dataclass

from lab.loadgen.report import Report
from tests.cluster.scenario import PHASE_SECONDS, Story
from tests.support.history import phase, routed_weights
from tests.support.invariants import violations
from tests.support.movements import TERMINAL

ROUTE_LAG_SECONDS = 1.0
"""From a VirtualService to what the gateway does: a tenth of a second on an idle machine."""


@dataclass(frozen=True)
class Then:
    """What must come of it."""

    story: Story

    def phase_becomes(self, wanted: str, within: float = PHASE_SECONDS) -> "Then":
        """Wait for the end of the candidate, which must be this one."""
        story = self.story

        def ended() -> bool:
            return str((story.now().get("status") or {}).get("phase")) in TERMINAL

        story.wait(f"{story.candidate} ends as {wanted}", ended, within)
        status = story.now()["status"]
        assert status["phase"] == wanted, story.told()
        return self

    def reason_is(self, reason: str, *, naming: str = "") -> "Then":
        """The candidate ended for this reason, in a message that names something."""
        last = self.story.now()["status"]["history"][-1]
        assert (last["reason"], naming in last["message"]) == (reason, True), self.story.told()
        return self

    def reason_is_one_of(self, **naming: str) -> "Then":
        """The candidate ended for one of these reasons, in a message that names what belongs to it."""
        last = self.story.now()["status"]["history"][-1]
        assert last["reason"] in naming, self.story.told()
        return self.reason_is(last["reason"], naming=naming[last["reason"]])

    def condition(self, kind: str, status: str, reason: str) -> "Then":
        """A condition is as it should be."""
        found = {one["type"]: one for one in self.story.now()["status"]["conditions"]}
        assert kind in found, f"no condition {kind}: {sorted(found)}"
        assert (found[kind]["status"], found[kind]["reason"]) == (status, reason)
        return self

    def is_gone(self, name: str = "", within: float = PHASE_SECONDS) -> "Then":
        """The candidate object is gone."""
        story, wanted = self.story, name or self.story.candidate
        gone = lambda: story.kube.find("ModelCandidate", story.namespace, wanted) is None  # noqa: E731 -- one line, one use
        story.wait(f"{wanted} is gone", gone, within)
        return self

    def stable_serves(self, version: str) -> "Then":
        """The target has one predictor, and it serves this version."""
        story = self.story
        found = story.kube.get("SeldonDeployment", story.namespace, story.target)["spec"]["predictors"]
        served = [(one["name"], one["annotations"]["sluice.dev/model"]) for one in found]
        assert served == [(found[0]["name"], f"default/{story.model}/{story.versions[version]}")]
        return self

    def nothing_is_left_of(self, name: str = "") -> "Then":
        """No Deployment of the candidate's predictor is left."""
        story = self.story
        predictor = next((v.traffic["predictor"] for v in story.life(name) if v.traffic), "")
        left = [
            deployment["metadata"]["name"]
            for deployment in story.kube.list("Deployment", story.namespace)
            if predictor and deployment["metadata"]["labels"].get("version") == predictor
        ]
        assert left == []
        return self

    def no_predictor_was_added(self) -> "Then":
        """At no moment did the target have a second predictor."""
        targets = self.story.history.of("SeldonDeployment")
        assert targets
        assert {len(version.body["spec"]["predictors"]) for version in targets} == {1}
        return self

    def no_client_request_failed(self) -> "Then":
        """From the moment traffic may move until now, every request got a prediction."""
        story, report = self.story, self.clients_while_traffic_may_move()
        failed = report.failures()
        assert report.records, "no request was sent"
        share = f"{len(failed)} of {len(report.records)}"
        assert not failed, f"{share} requests failed, first {failed[0]}\n{story.told()}"
        return self

    def clients_while_traffic_may_move(self) -> Report:
        """Return what clients saw since the candidate began to shift traffic."""
        begun = next(version.received for version in self.story.life() if phase(version) == "Shifting")
        return self.story.clients.report().between(begun)

    def only_the_candidate_failed(self, *, most: int) -> "Then":
        """Failed requests are those that the candidate's own model failed, and no more than so many."""
        story = self.story
        predictors = {version.traffic["predictor"] for version in story.life() if version.traffic}
        failed = self.clients_while_traffic_may_move().failures()
        strangers = [record for record in failed if record.predictor not in predictors]
        assert not strangers, f"{len(strangers)} requests failed elsewhere, first {strangers[0]}\n{story.told()}"
        assert len(failed) <= most, f"{len(failed)} requests failed, {most} are the limit\n{story.told()}"
        return self

    def bad_exposure_is_told(self, information_limit: float) -> "Then":
        """Note for whoever runs the tests what the bad candidate cost, against what any test would have needed."""
        failed = len(self.clients_while_traffic_may_move().failures())
        told = f"bad exposure: {failed} failed requests, {failed / information_limit:.1f} times the information limit"
        with (self.story.folder / "figures.txt").open("a", encoding="utf-8") as out:
            out.write(f"{told} of {information_limit:.1f}\n")
        return self

    def nobody_met_the_old_model(self, version: str) -> "Then":
        """No answer of the old model to a request sent after the candidate carried everything."""
        story = self.story
        carried = next(one for one in story.life() if one.traffic.get("stage") == "Updating")
        report = story.clients.report().named(story.registry.names())
        late = report.answered_by(version, after=carried.received + ROUTE_LAG_SECONDS)
        assert not late, f"{len(late)} answers of {version}, the last {late[-1].sent - carried.received:.1f} s after"
        return self

    def traffic_never_moved(self) -> "Then":
        """At no moment did the route give a candidate anything."""
        weights = {version.traffic.get("weight", 0) for version in self.story.life() if version.traffic}
        assert weights <= {0}
        return self

    def registry_says(self, version: str, verdict: str, *, champion: str) -> "Then":
        """The version is tagged with the outcome, and the alias names the champion."""
        story = self.story
        wanted = {"sluice.verdict": verdict, "sluice.candidate": f"{story.namespace}/{story.candidate}"}

        def noted() -> bool:
            tags = story.registry.tags(story.model, story.versions[version])
            alias = story.registry.alias(story.model, "champion")
            return wanted.items() <= tags.items() and alias == story.versions[champion]

        story.wait(f"the registry says {wanted}, and that the champion is {champion}", noted, 60)
        return self

    def invariants_hold(self) -> "Then":
        """S1-S12 hold on every version of every object so far."""
        found = violations(self.story.history, self.story.faults.outages)
        assert not found, "\n".join([*found, self.story.told()])
        assert not self.story.recorder.gaps, f"the record has gaps: {self.story.recorder.gaps}"
        return self

    def is_held(self, reason: str, *, weight: int, within: float = PHASE_SECONDS) -> "Then":
        """The candidate is suspended for this reason, and its weight stays."""
        story = self.story

        def held() -> bool:
            conditions = (story.now().get("status") or {}).get("conditions") or ()
            return any(one["type"] == "Suspended" and one["reason"] == reason for one in conditions)

        story.wait(f"{story.candidate} is held: {reason}", held, within)
        assert story.now()["status"]["traffic"]["weight"] == weight
        return self

    def stays_held(self, seconds: float, *, weight: int) -> "Then":
        """For so long nothing moves: the story's own length, watched all the while."""
        story, begun = self.story, time.monotonic()

        def over() -> bool:
            status = story.now()["status"]
            assert (status["phase"], status["traffic"]["weight"]) == ("Shifting", weight), story.told()
            return time.monotonic() - begun >= seconds

        story.wait(f"{seconds:.0f} s are over", over, seconds + 30)
        return self

    def waits(self, reason: str, *, naming: str = "", within: float = PHASE_SECONDS) -> "Then":
        """The candidate is waiting for this reason, in a message that names something."""
        story = self.story

        def waiting() -> bool:
            conditions = (story.now().get("status") or {}).get("conditions") or ()
            return any(
                (one["type"], one["reason"]) == ("Reconciling", reason) and naming in one["message"]
                for one in conditions
            )

        story.wait(f"{story.candidate} waits: {reason}", waiting, within)
        return self

    def clients_are_back_on_stable(self, within: float) -> "Then":
        """The route gives the candidate nothing, and the gateway sends nobody there any more."""
        story = self.story
        predictor = next(version.traffic["predictor"] for version in story.life() if version.traffic)

        def safe() -> bool:
            route = story.history.of("VirtualService")[-1]
            return routed_weights(route).get(predictor, 0) == 0

        story.wait("the route gives the candidate nothing", safe, within)
        seen = story.clients.report().records[-1].sent + ROUTE_LAG_SECONDS
        story.wait("clients send on", lambda: len(story.clients.report().between(seen).records) > 20, within)
        strays = [record for record in story.clients.report().between(seen).records if record.predictor == predictor]
        assert not strays, f"{len(strays)} requests went to {predictor}"
        return self
