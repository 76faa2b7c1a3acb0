"""A real S3 server on the loopback: Versity's gateway over a folder of its own, built once by the lab."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import binaries
from tests.support.mlflow_server import free_port

ACCESS, SECRET = "testing-access", "testing-secret-key"
REGION = "eu-test-1"
START_SECONDS = 60


@dataclass(frozen=True)
class S3Server:
    """A server, and the folder whose folders are its buckets."""

    url: str
    buckets: Path
    region: str

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object as a client does."""
        from pyarrow.fs import S3FileSystem  # noqa: PLC0415 -- only where it is used

        files = S3FileSystem(
            access_key=ACCESS,
            secret_key=SECRET,
            region=self.region,
            scheme="http",
            endpoint_override=self.url.removeprefix("http://"),
            allow_bucket_creation=True,
        )
        files.create_dir(bucket)
        with files.open_output_stream(f"{bucket}/{key}") as sink:
            sink.write(content)

    def keys(self) -> dict[str, str]:
        """Return the keys of the one who may do everything, as a Secret of a store holds them."""
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}


@contextmanager
def running(folder: Path, url: str = "", region: str = REGION) -> Iterator[S3Server]:
    """Run a server until the end of the block, at this address; building it the first time takes a minute."""
    program, buckets = binaries.versitygw(print), folder / "buckets"
    place = url.removeprefix("http://") or f"127.0.0.1:{free_port()}"
    buckets.mkdir()
    command = [str(program), "--port", place, "--region", region, "posix", str(buckets)]
    environment = {**os.environ, "ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(place, process, folder / "log")
            yield S3Server(f"http://{place}", buckets, region)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait(place: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end, (host, _, port) = time.monotonic() + START_SECONDS, place.partition(":")
    while time.monotonic() < end and process.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the S3 server does not start: {log.read_text()[-2000:]}")
