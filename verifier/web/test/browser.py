#!/usr/bin/env python3
"""Drives the page in headless Chromium, over WebDriver, and compares what it shows with what it must show.

    browser.py PROOF OTHER_PROOF OTHER_KEY

PROOF is an accepted proof of the block guest; OTHER_PROOF one of another program, and OTHER_KEY that program's key file. `verifier/web/build.sh` must have run.
Needs Debian's `chromium` and `chromium-driver`, and nothing besides Python's own library.
"""

import contextlib
import functools
import http.server
import json
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

WEB = pathlib.Path(__file__).resolve().parent.parent
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SECONDS = 60
OUTPUT_BYTES = 184


class Browser:
    """A WebDriver session."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=900,1100"]}
        capabilities = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.base += f"/session/{session['sessionId']}"
        self.version = session["capabilities"]["browserVersion"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * SECONDS) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error

    def element(self, css):
        found = self.call("POST", "/element", {"using": "css selector", "value": css})
        return f"/element/{found[ELEMENT]}"

    def click(self, css):
        self.call("POST", self.element(css) + "/click", {})

    def type(self, css, text):
        self.call("POST", self.element(css) + "/value", {"text": str(text)})

    def script(self, source, *args):
        return self.call("POST", "/execute/async", {"script": source, "args": list(args)})

    def outcome(self):
        """Waits until the page has an outcome; then its state, rejection code, title, explanation and facts."""
        source = """
            const done = arguments[0], result = document.getElementById('result');
            const text = (id) => document.getElementById(id).textContent;
            const names = [...document.querySelectorAll('#facts dt')].map((name) => [name.textContent, name.nextElementSibling.textContent]);
            done(result.hidden ? null : {
                ...result.dataset, title: text('verdict'), explanation: text('explanation'), facts: Object.fromEntries(names) });"""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            shown = self.script(source)
            if shown and shown["state"] != "busy":
                return shown
            time.sleep(0.02)
        raise AssertionError("the page shows no outcome")


def output_at(proof):
    """Where the output starts: behind magic, version, kind, parameters, key digest, the circuits' digest in a final proof, input root and length."""
    return 7 + 32 + (32 if proof[5] == 2 else 0) + 36 + 4


def check(name, condition, shown):
    if not condition:
        raise AssertionError(f"{name}: the page shows {json.dumps(shown, indent=1)}")


class Page:
    """The cases. Each starts from a fresh page."""

    def __init__(self, browser, url, folder):
        self.browser, self.url, self.folder = browser, url, folder

    def open(self):
        self.browser.call("POST", "/url", {"url": self.url})

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def accepted(self, proof):
        self.open()
        self.browser.type("#proof", proof)
        shown = self.browser.outcome()
        facts = shown["facts"]
        output = proof.read_bytes()[output_at(proof.read_bytes()):][:OUTPUT_BYTES]
        check("good", shown["state"] == "accepted" and shown["code"] == "", shown)
        check("block hash", facts["Block hash"] == "0x" + output[56:88].hex(), shown)
        check("chain", facts["Chain id"] == str(int.from_bytes(output[8:16], "little")) and facts["Verdict"] == "valid", shown)
        check("program", facts["Program key"] == proof.read_bytes()[7:39].hex(), shown)
        check("exit code", facts["Exit code"] == "0", shown)
        check("security", int(facts["Security"].split()[0]) >= 128, shown)
        check("size", facts["Proof"].endswith("iB") and facts["Verified in"].endswith(" ms"), shown)
        return shown

    def rejected(self, name, data, code, key=None):
        self.open()
        if key:
            self.browser.click("summary")
            self.browser.type("#key", key)
        self.browser.type("#proof", self.file(name, data))
        shown = self.browser.outcome()
        check(name, shown["state"] == "rejected" and shown["code"] == code and shown["explanation"], shown)
        check(name, set(shown["facts"]) == {"File"}, shown)
        return shown

    def other_program(self, proof, key):
        self.open()
        self.browser.click("summary")
        self.browser.type("#key", key)
        self.browser.type("#proof", proof)
        shown = self.browser.outcome()
        check("other program", shown["state"] == "accepted" and shown["facts"]["Program"] == key.name, shown)
        # Without the key it is a proof of another program than the block guest.
        self.browser.click("#forget-key")
        shown = self.browser.outcome()
        check("key forgotten", shown["state"] == "rejected" and shown["code"] == "program", shown)

    def exit_code(self, proof):
        self.open()
        self.browser.type("#proof", proof)
        self.browser.outcome()
        self.browser.click("summary")
        for value, code in [("1", "exit-code"), ("-1", "file")]:
            self.browser.call("POST", self.browser.element("#exit-code") + "/clear", {})
            self.browser.type("#exit-code", value + "\ue007")
            shown = self.browser.outcome()
            check(f"exit code {value}", shown["state"] == "rejected" and shown["code"] == code, shown)

    def dropped(self, proof):
        """A real drag carries files only from the desktop, so the event is made; what follows is the page's own."""
        self.open()
        (WEB / "pkg" / "dropped.proof").write_bytes(proof.read_bytes())
        try:
            self.browser.script("""
                const done = arguments[0];
                fetch('pkg/dropped.proof').then((response) => response.blob()).then((blob) => {
                    const dataTransfer = new DataTransfer();
                    dataTransfer.items.add(new File([blob], 'dropped.proof'));
                    document.getElementById('drop').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
                    done();
                });""")
            shown = self.browser.outcome()
        finally:
            (WEB / "pkg" / "dropped.proof").unlink()
        check("dropped", shown["state"] == "accepted" and shown["facts"]["File"] == "dropped.proof", shown)

    def example(self):
        self.open()
        self.browser.click("#example")
        shown = self.browser.outcome()
        check("example", shown["state"] == "accepted" and "Block hash" in shown["facts"], shown)
        self.browser.click("#tamper")
        shown = self.browser.outcome()
        check("tampered example", shown["state"] == "rejected" and shown["code"] in ("false", "malformed"), shown)

    def stays_at_home(self):
        """Everything that the page loaded is of its own origin, and nothing was logged as an error."""
        urls = self.browser.script("arguments[0](performance.getEntriesByType('resource').map((entry) => entry.name))")
        check("resources", urls and all(url.startswith(self.url) for url in urls), urls)
        log = [entry for entry in self.browser.call("POST", "/se/log", {"type": "browser"}) if entry["level"] == "SEVERE"]
        check("log", not log, log)
        labels = self.browser.script("""
            arguments[0]([...document.querySelectorAll('input')].filter((input) => input.labels.length !== 1).map((input) => input.id))""")
        check("labels", not labels, labels)


def run(browser, url, proof, other_proof, other_key):
    good, noise = proof.read_bytes(), random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        page = Page(browser, url, pathlib.Path(folder))
        shown = page.accepted(proof)
        print(f"good: {shown['title']} ({shown['facts']['Security']}, {shown['facts']['Proof']}, {shown['facts']['Verified in']})")
        page.dropped(proof)
        print("dropped: accepted")
        page.example()
        print("example, and with one bit changed: accepted, rejected")
        page.other_program(other_proof, other_key)
        page.exit_code(proof)
        print("other program with and without its key, other exit codes: as expected")

        flipped = lambda at: good[:at] + bytes([good[at] ^ 1 << noise.randrange(8)]) + good[at + 1:]
        cases = [
            ("random", noise.randbytes(1 << 16), "not-a-proof"),
            ("picture.png", b"\x89PNG\r\n\x1a\n" + noise.randbytes(999), "not-a-proof"),
            ("empty", b"", "malformed"),
            ("magic", flipped(0), "not-a-proof"),
            ("version", good[:4] + b"\x63" + good[5:], "unsupported"),
            ("kind", good[:5] + b"\x63" + good[6:], "unsupported"),
            ("parameters", good[:6] + b"\x63" + good[7:], "unsupported"),
            ("program", other_proof.read_bytes(), "program"),
            ("output", flipped(output_at(good) + 60), "false"),
            ("last-byte-missing", good[:-1], "malformed"),
            ("trailing", good + b"\0", "malformed"),
        ]
        for name, data, code in cases:
            print(f"{name}: {page.rejected(name, data, code)['title']}")
        page.rejected("good", good, "program", key=other_key)
        page.rejected("good", good, "key", key=page.file("no.vkey", noise.randbytes(64)))
        print("good proof with another key, and with none: rejected")
        titles = {}
        for _ in range(16):
            data = flipped(noise.randrange(len(good) // 100, len(good)))
            page.open()
            browser.type("#proof", page.file("tampered", data))
            shown = browser.outcome()
            check("tampered", shown["state"] == "rejected" and shown["code"] in ("false", "malformed"), shown)
            titles[shown["title"]] = titles.get(shown["title"], 0) + 1
        print(f"a bit flipped, 16 times: {titles}")
        page.stays_at_home()
        print("resources of its own origin alone, no errors logged, every field labelled")


@contextlib.contextmanager
def served():
    """The page, served as the README says; its address."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(WEB)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


@contextlib.contextmanager
def driver():
    """A running `chromedriver`; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(10 * SECONDS):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    files = [pathlib.Path(path).resolve() for path in sys.argv[1:]]
    with served() as url, driver() as port:
        browser = Browser(port)
        try:
            print(f"Chromium {browser.version}")
            run(browser, url, *files)
        finally:
            browser.call("DELETE", "")


if __name__ == "__main__":
    main()
