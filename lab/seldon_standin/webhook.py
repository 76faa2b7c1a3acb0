"""The validating webhook, served by the same process as the controller: with it down, every update fails."""

import base64
import ssl
from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web

from lab.seldon_standin.api import WEBHOOKS, Api
from lab.seldon_standin.objects import GROUP, JsonObject
from lab.seldon_standin.validate import refusal

NAME = "v1.vseldondeployment.kb.io"
CONFIGURATION = "seldon-validating-webhook-configuration-seldon-system"
PATH = "/validate-machinelearning-seldon-io-v1-seldondeployment"


@dataclass(frozen=True)
class Endpoint:
    """Where the API server finds the webhook: a Service, or a URL when the process runs outside the cluster."""

    service: str = ""
    namespace: str = ""
    address: str = ""
    port: int = 9443

    @property
    def host(self) -> str:
        """The name its certificate must bear."""
        return self.address or f"{self.service}.{self.namespace}.svc"

    def client_config(self, trusted: str) -> JsonObject:
        """As a webhook configuration holds it."""
        where: JsonObject = {"service": {"name": self.service, "namespace": self.namespace, "path": PATH}}
        if self.address:
            where = {"url": f"https://{self.address}:{self.port}{PATH}"}
        return where | {"caBundle": base64.b64encode(trusted.encode()).decode()}


def configuration(endpoint: Endpoint, trusted: str) -> JsonObject:
    """Creation and updates of the spec in any version; neither status nor deletion."""
    rule = {
        "apiGroups": [GROUP],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["seldondeployments"],
    }
    hook = {
        "name": NAME,
        "clientConfig": endpoint.client_config(trusted),
        "rules": [rule],
        "matchPolicy": "Equivalent",
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": CONFIGURATION},
        "webhooks": [hook],
    }


def answer(review: JsonObject, servers: Collection[str]) -> JsonObject:
    """Return the answer to one admission review."""
    request = review["request"]
    refused = refusal(request["object"], servers)
    response: JsonObject = {"uid": request["uid"], "allowed": refused is None}
    if refused is not None:
        response["status"] = {"status": "Failure", "reason": "Invalid", "code": 422, "message": refused}
    return {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}


async def register(api: Api, endpoint: Endpoint, trusted: str) -> None:
    """Write the configuration with this process's certificate. It stays when the process goes."""
    wanted = configuration(endpoint, trusted)
    live = await api.get(WEBHOOKS, "", CONFIGURATION)
    if live is None:
        await api.create(WEBHOOKS, wanted)
    else:
        await api.replace(WEBHOOKS, live | {"webhooks": wanted["webhooks"]})


async def serve(port: int, tls: ssl.SSLContext, servers: Collection[str]) -> web.AppRunner:
    """Start listening; the caller keeps the runner and cleans it up."""

    async def validate(request: web.Request) -> web.Response:
        return web.json_response(answer(await request.json(), servers))

    async def healthy(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.add_routes([web.post(PATH, validate), web.get("/healthz", healthy)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, port=port, ssl_context=tls).start()
    return runner
