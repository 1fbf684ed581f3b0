#!/usr/bin/env python3
"""Runs the ethproofs package in headless Chromium, as a page of ethproofs does.

    browser.py PACKAGE VECTORS GUEST_KEY PAYLOAD_PROOF INVALID_PAYLOAD_PROOF

PACKAGE is the folder of the installed package, VECTORS that of the frozen proofs; the others are as
for `test.mjs`. Needs Debian's `chromium` and `chromium-driver`, and nothing besides Python's own
library.
"""

import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "web" / "test"))
from browser import Browser, driver, served  # noqa: E402

PAGE = "<!doctype html><title>verifier</title><link rel='icon' href='data:,'>"
CALL = """
    const [proof, vk, done] = arguments;
    const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
    (async () => {
        const verifier = await import(new URL('package/index.js', document.baseURI));
        verifier.main();
        const files = [await bytes(proof), await bytes(vk)];
        const started = performance.now();
        const answer = verifier.verify_stark(...files);
        return [answer, performance.now() - started];
    })().then(done, (error) => done(String(error)));"""


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    package, vectors, guest_key, payload, invalid_payload = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    cases = [
        (vectors / "block-mainnet.final", vectors / "block.vkey", True),
        (payload, guest_key, True),
        (vectors / "block-invented.final", vectors / "block.vkey", False),
        (vectors / "block-invalid.final", vectors / "block.vkey", False),
        (invalid_payload, guest_key, False),
        (vectors / "fibonacci.final", vectors / "fibonacci.vkey", False),
        (vectors / "block-mainnet.final", vectors / "fibonacci.vkey", False),
    ]
    with tempfile.TemporaryDirectory() as folder:
        site = pathlib.Path(folder)
        (site / "index.html").write_text(PAGE)
        shutil.copytree(package, site / "package")
        with served(site) as url, driver() as port:
            browser = Browser(port)
            try:
                browser.call("POST", "/url", {"url": url})
                times = []
                for case, (proof, key, expected) in enumerate(cases):
                    for name, path in (("proof", proof), ("key", key)):
                        shutil.copy(path, site / f"{case}.{name}")
                    answer = browser.script(CALL, f"{case}.proof", f"{case}.key")
                    if not isinstance(answer, list) or answer[0] is not expected:
                        raise AssertionError(f"{proof.name} with {key.name}: {answer} instead of {expected}")
                    if expected:
                        times.append(answer[1])
                log = [entry for entry in browser.call("POST", "/se/log", {"type": "browser"}) if entry["level"] == "SEVERE"]
                if log:
                    raise AssertionError(f"the browser's log: {log}")
                print(f"verify_stark in Chromium {browser.version}: {len(times)} proofs true in {max(times):.0f} ms at most, {len(cases) - len(times)} false")
            finally:
                browser.call("DELETE", "")


if __name__ == "__main__":
    main()
