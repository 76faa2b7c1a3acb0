"""The digest of a model's artifact: what `sha256sum` and `sort` give, whoever computes it."""

import hashlib

from sluice.core.artifact_digest import artifact_digest

ONE, TWO = hashlib.sha256(b"one").hexdigest(), hashlib.sha256(b"two").hexdigest()


def test_it_is_the_digest_of_the_sorted_sums() -> None:
    lines = "".join(sorted([f"{ONE}  MLmodel\n", f"{TWO}  data/model.pkl\n"]))

    assert artifact_digest({"data/model.pkl": TWO, "MLmodel": ONE}) == (
        f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
    )


def test_a_name_a_byte_or_a_file_more_changes_it() -> None:
    digests = {
        artifact_digest(files) for files in ({"a": ONE}, {"b": ONE}, {"a": TWO}, {"a": ONE, "b": TWO}, {"a/b": ONE}, {})
    }

    assert len(digests) == 6


def test_what_a_download_adds_does_not_count() -> None:
    assert artifact_digest({"MLmodel": ONE, "registered_model_meta": TWO}) == artifact_digest({"MLmodel": ONE})
