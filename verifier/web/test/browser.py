#!/usr/bin/env python3
"""Drives the page in headless Chromium, over WebDriver, and compares what it shows with what it must show.

    browser.py PROOF OTHER_PROOF OTHER_KEY VECTORS

PROOF is a proof of the block guest about an invented block; OTHER_PROOF one of another program, and OTHER_KEY that program's key file; VECTORS the folder of
the frozen proofs about blocks. `verifier/web/build.sh` must have run. Needs Debian's `chromium` and `chromium-driver`, and nothing besides Python's own
library.

TERN_SCREENSHOTS   a folder for pictures of the page (default: none are kept)
"""

import base64
import contextlib
import functools
import http.server
import json
import os
import pathlib
import random
import shutil
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
WIDTHS = (320, 1280)
MAINNET_BLOCK = "0xc19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198"
MAINNET_STATE = "0xe9f95533d7f83b736fa4f972e04077bb2bc20dae511a9a1da270ff1411f5dfb1"
INVENTED_CONFIG = "0xf4daa929547ed81ee00c994ba40842606ebc14276d76e85be81bb6e3fef75c01"


class Browser:
    """A WebDriver session."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=900,1100"]}
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

    def clear(self, css):
        self.call("POST", self.element(css) + "/clear", {})

    def devtools(self, command, **params):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def resize(self, width):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)

    def screenshot(self, name):
        """A picture of the whole page, if anyone wants it."""
        folder = os.environ.get("TERN_SCREENSHOTS")
        if folder:
            picture = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            pathlib.Path(folder, f"{name}.png").write_bytes(base64.b64decode(picture))

    def script(self, source, *args):
        return self.call("POST", "/execute/async", {"script": source, "args": list(args)})

    def outcome(self):
        """Waits until the page has an outcome; then its state, rejection code, title, explanation and facts."""
        source = """
            const done = arguments[0], result = document.getElementById('result');
            const text = (id) => document.getElementById(id).textContent;
            const names = [...document.querySelectorAll('#result dt')].map((name) => [name.textContent, name.nextElementSibling.textContent]);
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

    def expect(self, rules="known", config="", block_hash=""):
        """Fills the fields about the block."""
        self.browser.click(f"#rules option[value={rules}]")
        for css, text in [("#config", config), ("#block-hash", block_hash)]:
            if text:
                self.browser.clear(css)
                self.browser.type(css, text)

    def block(self, name, proof, state, code="", parts=(), **expected):
        """A proof file, for what is expected of its block: state, code of the rejection, and what must be said."""
        self.open()
        self.expect(**expected)
        self.browser.type("#proof", proof)
        shown = self.browser.outcome()
        said = " ".join([shown["title"], shown["explanation"], *shown["facts"].values()])
        check(name, (shown["state"], shown["code"]) == (state, code) and all(part in said for part in parts), shown)
        if state == "rejected":
            check(name, set(shown["facts"]) == {"The verifier says", "File"}, shown)
        return shown

    def accepted(self, proof):
        shown = self.block("good", proof, "doubt", rules="any")
        facts = shown["facts"]
        output = proof.read_bytes()[output_at(proof.read_bytes()):][:OUTPUT_BYTES]
        check("block hash", facts["Block hash"] == "0x" + output[56:88].hex(), shown)
        check("chain", f"none that is known here (chain id {int.from_bytes(output[8:16], 'little')})" == facts["Network"], shown)
        check("configuration", facts["Chain configuration"] == "0x" + output[24:56].hex(), shown)
        check("states", [facts["State before"], facts["State after"]] == ["0x" + output[at:at + 32].hex() for at in (120, 152)], shown)
        check("program", facts["Program key"] == proof.read_bytes()[7:39].hex(), shown)
        check("exit code", facts["Exit code"] == "0", shown)
        check("security", facts["Security"] == "128.2 bits proven, 138.2 under a conjecture", shown)
        check("size", facts["Proof"].endswith("iB") and facts["Verified in"].endswith(" ms"), shown)
        return shown

    def rejected(self, name, data, code, key=None):
        self.open()
        self.expect("any")
        if key:
            self.browser.click("#program-details summary")
            self.browser.type("#key", key)
        self.browser.type("#proof", self.file(name, data))
        shown = self.browser.outcome()
        check(name, shown["state"] == "rejected" and shown["code"] == code and shown["explanation"], shown)
        check(name, set(shown["facts"]) == {"The verifier says", "File"}, shown)
        return shown

    def other_program(self, proof, key):
        self.open()
        self.browser.click("#program-details summary")
        self.browser.type("#key", key)
        self.browser.type("#proof", proof)
        shown = self.browser.outcome()
        check("other program", shown["state"] == "accepted" and shown["facts"]["Program"] == key.name, shown)
        # Without the key it is a proof of another program than the block guest.
        self.browser.click("#forget-key")
        shown = self.browser.outcome()
        check("key forgotten", shown["state"] == "rejected" and shown["code"] == "program", shown)

    def exit_code(self, proof, key):
        self.open()
        self.browser.click("#program-details summary")
        self.browser.type("#key", key)
        self.browser.type("#proof", proof)
        self.browser.outcome()
        for value, code in [("1", "exit-code"), ("-1", "file")]:
            self.browser.clear("#exit-code")
            self.browser.type("#exit-code", value + "\ue007")
            shown = self.browser.outcome()
            check(f"exit code {value}", shown["state"] == "rejected" and shown["code"] == code, shown)

    def dropped(self, proof):
        """A real drag carries files only from the desktop, so the event is made; what follows is the page's own."""
        self.open()
        self.expect("any")
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
        check("dropped", shown["state"] == "doubt" and shown["facts"]["File"] == "dropped.proof", shown)

    def example(self):
        self.open()
        self.browser.click("#example")
        shown = self.browser.outcome()
        check("example", shown["state"] == "doubt" and "Block hash" in shown["facts"], shown)
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
            arguments[0]([...document.querySelectorAll('input, select')].filter((input) => input.labels.length !== 1).map((input) => input.id))""")
        check("labels", not labels, labels)
        self.named()

    def named(self):
        """What screen readers find: every control has a name and every field says what it is for."""
        self.open()
        self.expect("config")
        self.browser.click("#program-details summary")
        controls = {"button", "textbox", "combobox", "spinbutton", "checkbox", "link", "DisclosureTriangle", "DisclosureTriangleGrouped"}
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        value = lambda node, name: node.get(name, {}).get("value", "")
        found = [(value(node, "role"), value(node, "name")) for node in nodes if not node["ignored"] and value(node, "role") in controls]
        check("names", all(name for _, name in found), found)
        fields = {name for role, name in found if role in ("textbox", "combobox", "spinbutton")}
        expected = {"Under the rules of", "Hash of the chain configuration", "With this block hash (if you know it)", "Exit code of that program"}
        check("fields", fields == expected, found)

    def fits(self, name):
        """Nothing is wider than the page, at any width; the details are open."""
        self.browser.script("document.getElementById('more').open = true; arguments[0]()")
        for width in WIDTHS:
            self.browser.resize(width)
            widest = self.browser.script("""
                const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth);
                arguments[0]([innerWidth, document.documentElement.scrollWidth, wide.map((one) => one.id || one.tagName)])""")
            self.browser.screenshot(f"{name}-{width}")
            check(f"{name}, {width} pixels", widest == [width, width, []], widest)
        self.browser.devtools("Emulation.clearDeviceMetricsOverride")

    def blocks(self, vectors):
        """The frozen proofs about blocks, on a page that expects the guest that they are of."""
        mainnet, invented, invalid = (vectors / f"block-{name}.final" for name in ("mainnet", "invented", "invalid"))
        self.open()
        self.fits("start")
        shown = self.block("mainnet", mainnet, "accepted", parts=["A valid block under the rules of Ethereum mainnet", MAINNET_BLOCK, MAINNET_STATE])
        self.fits("accepted")
        print(f"block of mainnet: {shown['title']}")
        asked = "It is the block that you asked for."
        self.block("mainnet", mainnet, "accepted", rules="mainnet", block_hash=MAINNET_BLOCK, parts=[asked])
        self.block("mainnet", mainnet, "rejected", "other-rules", rules="sepolia", parts=["other rules than those of Sepolia"])
        self.block("mainnet", mainnet, "rejected", "other-block", block_hash=INVENTED_CONFIG, parts=["another block", MAINNET_BLOCK])
        self.block("mainnet", mainnet, "rejected", "file", block_hash="0x12", parts=["64 hexadecimal digits"])
        shown = self.block("invented", invented, "rejected", "other-rules", parts=["may have invented them", "chain id 1", INVENTED_CONFIG])
        self.fits("invented")
        print(f"invented block of chain id 1: {shown['title']} {shown['explanation']}")
        self.block("invented", invented, "rejected", "other-rules", rules="mainnet", parts=["other rules than those of Ethereum mainnet"])
        own = ["under rules of its own", "Under some rules any block is valid"]
        self.block("invented", invented, "doubt", rules="any", parts=own)
        self.fits("doubt")
        self.block("invented", invented, "doubt", rules="config", config=INVENTED_CONFIG, parts=own)
        for rules in ("known", "any", "mainnet"):
            shown = self.block("invalid", invalid, "rejected", "invalid-block", rules=rules, parts=["verdict “invalid”"])
        print(f"verdict “invalid”: {shown['title']}")
        self.block("key", vectors / "block.vkey", "rejected", "not-a-proof", parts=["this is a verifying key, not a proof"])
        self.block("program", vectors / "fibonacci.final", "rejected", "program")


def run(browser, url, proof, other_proof, other_key, vectors):
    good, noise = proof.read_bytes(), random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        page = Page(browser, url, pathlib.Path(folder))
        shown = page.accepted(proof)
        page.block("unknown rules", proof, "rejected", "other-rules")
        print(f"good: {shown['title']} ({shown['facts']['Security']}, {shown['facts']['Proof']}, {shown['facts']['Verified in']})")
        page.dropped(proof)
        print("dropped: accepted")
        page.example()
        print("example, and with one bit changed: accepted, rejected")
        page.other_program(other_proof, other_key)
        page.exit_code(other_proof, other_key)
        print("other program with and without its key, other exit codes: as expected")

        flipped = lambda at: good[:at] + bytes([good[at] ^ 1 << noise.randrange(8)]) + good[at + 1:]
        cases = [
            ("random", noise.randbytes(1 << 16), "not-a-proof"),
            ("picture.png", b"\x89PNG\r\n\x1a\n" + noise.randbytes(999), "not-a-proof"),
            ("empty", b"", "malformed"),
            ("magic", flipped(0), "not-a-proof"),
            ("version", good[:4] + b"\x63" + good[5:], "unsupported"),
            ("version-1", (vectors / "v1" / "block-mainnet.final").read_bytes(), "unsupported"),
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
            page.expect("any")
            browser.type("#proof", page.file("tampered", data))
            shown = browser.outcome()
            check("tampered", shown["state"] == "rejected" and shown["code"] in ("false", "malformed"), shown)
            titles[shown["title"]] = titles.get(shown["title"], 0) + 1
        print(f"a bit flipped, 16 times: {titles}")
        page.stays_at_home()
        print("resources of its own origin alone, no errors logged, every control named")
        copy = page.folder / "web"
        shutil.copytree(WEB, copy)
        shutil.copy(vectors / "block.vkey", copy / "evm-guest.vkey")
        with served(copy) as page.url:
            page.blocks(vectors)
        print(f"frozen proofs about blocks: as expected; nothing wider than the page at {WIDTHS} pixels")


@contextlib.contextmanager
def served(folder):
    """The page in this folder, served as the README says; its address."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
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
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    files = [pathlib.Path(path).resolve() for path in sys.argv[1:]]
    with served(WEB) as url, driver() as port:
        browser = Browser(port)
        try:
            print(f"Chromium {browser.version}")
            run(browser, url, *files)
        finally:
            browser.call("DELETE", "")


if __name__ == "__main__":
    main()
