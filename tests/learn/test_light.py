"""What scoring loads: no scikit-learn, no pandas, no torch."""

import subprocess
import sys

CODE = """
import sys
import miner.learn.bundle, miner.learn.tagger, miner.learn.features
heavy = {"sklearn", "pandas", "torch", "transformers"} & set(sys.modules)
assert not heavy, heavy
bundle = miner.learn.bundle.load_bundle("en")
bundle.tagger.tag([("late", "again")])
print(sorted({"sklearn", "pandas", "torch"} & set(sys.modules)))
"""


def test_scoring_needs_no_training_library() -> None:
    found = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "[]"
