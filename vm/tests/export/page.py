#!/usr/bin/env python3
"""Drives the page of `tern spec export --format html` in headless Chromium, from the file, and compares what it shows with the JSON export.

    page.py PAGE RELATION

PAGE is the page, RELATION what `tern spec export --format json` writes. Needs Debian's `chromium` and `chromium-driver`, and nothing besides Python's own library.

TERN_SCREENSHOTS   a folder for pictures of the page (default: none are kept)
"""

import json
import pathlib
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "verifier/web/test"))

from browser import WIDTHS, Browser, check, driver  # noqa: E402
from reader import degrees, evaluate  # noqa: E402

# Most named parts of a formula that is evaluated on every statement: of a longer one, the first of each label is.
MOST_PARTS = 300
TOKEN = re.compile(r"\s*(?:2\^-(\d+)|(\d+)|([A-Za-z_][\w.\[\]]*)|([-+*()]))")
# Seconds between two addresses: Chromium drops changes of address beyond 200 in ten seconds.
PAUSE = 0.06
DOWN, ENTER, ESCAPE = "\ue015", "\ue007", "\ue00c"

LABEL = """
    document.getElementById('more')?.click();
    const text = (node) => node.textContent;
    const formula = (node, i) => {
        const summary = node.parentNode.querySelector('.parts > summary'), parts = summary ? parseInt(text(summary)) : 0;
        if (summary && (i === 0 || parts <= MOST_PARTS)) summary.click();
        return { parts, steps: [...node.parentNode.querySelectorAll('.steps .formula')].map(text), text: text(node) }; };
    arguments[1]({
        title: text(document.querySelector('h1')), number: text(document.getElementById('number')),
        attacks: document.querySelectorAll('#tests details li').length,
        articles: [...document.querySelectorAll('article[data-at]')].map((article, i) => ({
            at: Number(article.dataset.at), title: text(article.querySelector('h2')), formulas: [...article.querySelectorAll('.whole')].map((node) => formula(node, i)),
            facts: Object.fromEntries([...article.querySelectorAll(':scope > dl > dt')].map((name) => [text(name), text(name.nextElementSibling)])),
            degrees: [...article.querySelectorAll('.tuple td.number')].map(text),
            counterparts: [...article.querySelectorAll('.counterparts a')].map((anchor) => anchor.getAttribute('href')) })) });""".replace("MOST_PARTS", str(MOST_PARTS))
CHIP = """
    const text = (node) => node.textContent;
    const rows = (id) => [...document.querySelectorAll(`#${id} tbody tr`)].map((row) => [...row.cells].map(text));
    arguments[1]({ title: text(document.querySelector('h1')), constraints: rows('constraints'), messages: rows('messages'), main: rows('main-columns'), fixed: rows('fixed-columns') });"""


def value(text, names, modulus):
    """The value of a formula: sums, products and negations of names, numbers and inverses of powers of two."""
    source, end = [], 0
    text = text.replace("next ", "next.")
    while end < len(text):
        token = TOKEN.match(text, end)
        assert token, f"{text[end:]!r} is no part of a formula"
        inverse, number, name, sign = token.groups()
        source.append(str(pow(2, -int(inverse), modulus)) if inverse else number or sign or str(names[name]))
        end = token.end()
    return eval("".join(source), {"__builtins__": {}}) % modulus


class Chip:
    """A chip of the export, with a point to evaluate it at."""

    def __init__(self, system, entry, modulus, noise):
        self.system, self.entry = system, entry
        self.slug = entry["name"] if system["name"] == "machine" else f"{system['name']}_{entry['name']}"
        self.degrees = degrees(entry["nodes"])
        self.labels = defaultdict(list)
        for at, statement in enumerate(entry["statements"]):
            self.labels[statement["label"]].append((at, statement))
        public = [field["name"] if field["len"] == 1 else f"{field['name']}[{i}]" for field in entry["public"] for i in range(field["len"])]
        names = {kind: [column["name"] for column in entry[kind]] for kind in ("main", "fixed")} | {"public": public}
        draw = lambda columns: [noise.randrange(modulus) for _ in columns]
        point = {kind: draw(columns) for kind, columns in names.items()}
        self.values = evaluate(entry["nodes"], point, modulus)
        self.names = {name: drawn for kind, columns in names.items() for name, drawn in zip(columns, point[kind])}

    def of(self, kind):
        return [statement for statement in self.entry["statements"] if statement["kind"] == kind]


def sides(chip, statement):
    """Where on the bus a message may be: `cap` provides and takes in one."""
    nodes = chip.entry["nodes"]
    count = nodes[statement["multiplicity"]]
    takes = statement["direction"] == "provides" and (nodes[count[1]] if count[0] == "neg" else count)[0] == "sub"
    return {"send": {"on"}, "receive": {"off"}, "provides": {"on", "off"} if takes else {"off"}}.get(statement["direction"], {"on", "off"})


class Page:
    """The page, and what it has to show."""

    def __init__(self, browser, path, relation):
        self.browser, self.url, self.relation = browser, path.resolve().as_uri(), relation
        noise = random.Random(1)
        self.chips = [Chip(system, entry, relation["modulus"], noise) for system in relation["systems"] for entry in system["chips"]]

    def open(self, address=""):
        self.browser.call("POST", "/url", {"url": f"{self.url}#{address}"})

    def script(self, source, address=""):
        """What a script says of an address. The page follows its address after an event, so the script waits for that."""
        goes = "const done = arguments[1]; if (decodeURIComponent(location.hash.slice(1)) === arguments[0]) { run(done); } else { addEventListener('hashchange', () => setTimeout(() => run(done)), { once: true }); location.hash = arguments[0]; }"
        body = source.replace("arguments[1](", "done(")
        time.sleep(PAUSE)
        return self.browser.script(f"const run = (done) => {{ {body} }}; {goes}", address)

    def home(self):
        self.open()
        for system in self.relation["systems"]:
            found = self.script(f"arguments[1]([...document.querySelectorAll('#system-{system['name']} tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent)))")
            expected = []
            for chip in (chip for chip in self.chips if chip.system is system):
                entry = chip.entry
                numbers = [len(entry["main"]), len(entry["fixed"]), sum(field["len"] for field in entry["public"]), entry["degree"], entry["cells"],
                    len(chip.labels), len(chip.of("constraint")), len(chip.of("message"))]
                expected.append([entry["name"], *map(str, numbers)])
            check(f"counts of {system['name']}", found == expected, found)

    def chip(self, chip):
        shown = self.script(CHIP, chip.slug)
        check(chip.slug, shown["title"] == f"{chip.entry['name']} of {chip.system['name']}", shown["title"])
        for kind in ("constraint", "message"):
            labels = Counter(statement["label"] for statement in chip.of(kind))
            found = {row[0]: int(row[1]) for row in shown[f"{kind}s"]}
            check(f"{kind}s of {chip.slug}", found == labels, found)
        for kind in ("main", "fixed"):
            check(f"{kind} columns of {chip.slug}", sum(int(row[1]) for row in shown[kind]) == len(chip.entry[kind]), shown[kind])
            check(f"meanings of {chip.slug}", all(row[4] for row in shown[kind]), shown[kind])

    def label(self, chip, label):
        expected = chip.labels[label]
        shown = self.script(LABEL, f"{chip.slug}/{label}")
        check(label, shown["title"] == label and shown["number"].split()[0] == str(len(expected)), shown["title"])
        check(f"statements of {label}", [article["at"] for article in shown["articles"]] == [at for at, _ in expected], shown["number"])
        for i, (article, (_, statement)) in enumerate(zip(shown["articles"], expected)):
            self.statement(chip, label, i, article, statement)
        return len(expected), shown["attacks"]

    def statement(self, chip, label, i, article, statement):
        check(f"title of {label}", article["title"] in (label, f"{label}[{i}]"), article["title"])
        self.source(label, article["facts"]["Stated in"])
        if statement["kind"] == "constraint":
            check(f"degree of {label}", article["facts"]["Degree"] == str(chip.degrees[statement["value"]]), article["facts"])
            [formula] = article["formulas"]
            check(f"{label} is zero", formula["text"].endswith(" = 0"), formula["text"])
            places, formulas = [statement["value"]], [formula | {"text": formula["text"].removesuffix(" = 0")}]
        else:
            check(f"degrees of {label}", article["degrees"] == [str(chip.degrees[place]) for place in statement["tuple"]], article["degrees"])
            places, formulas = [statement["multiplicity"], *statement["tuple"]], article["formulas"]
            if i == 0:
                self.counterparts(chip, label, statement, article["counterparts"])
        check(f"formulas of {label}", len(formulas) == len(places), formulas)
        for place, formula in zip(places, formulas):
            check(f"parts of {label}", len(formula["steps"]) == formula["parts"] or formula["parts"] > MOST_PARTS and i > 0, formula["parts"])
            if len(formula["steps"]) == formula["parts"]:
                self.formula(chip, label, place, formula)

    def formula(self, chip, label, place, formula):
        names = dict(chip.names)
        for step in formula["steps"]:
            name, text = step.split(" = ", 1)
            names[name] = value(text, names, self.relation["modulus"])
        found = value(formula["text"], names, self.relation["modulus"])
        check(f"formula of {label}", found == chip.values[place], formula["text"])

    def counterparts(self, chip, label, statement, found):
        expected = set()
        for other in (other for other in self.chips if other.system is chip.system):
            for candidate in other.of("message"):
                opposite = any(a != b for a in sides(chip, statement) for b in sides(other, candidate))
                if candidate["bus"] == statement["bus"] and opposite and set(candidate["tags"]) & set(statement["tags"]):
                    expected.add(f"#{other.slug}/{candidate['label']}")
        check(f"counterparts of {label}", set(found) == expected and len(found) == len(expected) > 0, found)

    def source(self, label, place):
        """The file has the line, which calls the builder."""
        path, number = place.rsplit(":", 1)
        line = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        check(f"source of {label}", "builder." in line, f"{place}: {line}")

    def everything(self):
        """Every chip and label. Some constraints and messages stand for all of them in the other tests."""
        statements = attacks = 0
        for chip in self.chips:
            self.chip(chip)
            for label in chip.labels:
                number, own = self.label(chip, label)
                statements, attacks = statements + number, attacks + own
        return sum(len(chip.labels) for chip in self.chips), statements, attacks

    def hash(self):
        return self.browser.script("arguments[0](decodeURIComponent(location.hash))")

    def clicks(self):
        """As a person goes: to a chip, to a label, to the other side."""
        self.open()
        self.browser.click("nav a[href='#shift']")
        self.browser.click("#constraints a[href='#shift/shift::sign']")
        check("a label", self.hash() == "#shift/shift::sign", self.hash())
        formula = self.browser.script("arguments[0](document.querySelector('article[data-at] .whole').textContent)")
        check("its formula", formula.endswith(" = 0") and "sign" in formula, formula)
        self.browser.click("article[data-at] .tree summary")
        leaves = self.browser.script("arguments[0]([...document.querySelectorAll('.tree li > code')].map((leaf) => leaf.textContent))")
        check("its tree", leaves and all(leaf in formula for leaf in leaves), leaves)
        messages = {}
        for chip in self.chips:
            for statement in chip.of("message"):
                messages.setdefault((chip.system["name"], statement["tags"][0]), (chip, statement))
        for (_, tag), (chip, statement) in messages.items():
            self.open(f"{chip.slug}/{statement['label']}")
            self.browser.click(".counterparts summary")
            self.browser.click(".counterparts a")
            tags = self.browser.script("arguments[0](document.querySelector('article[data-at] dd').textContent.split(' '))")
            check(f"the other side of {statement['label']}", tag in tags, tags)
        return len(messages)

    def keys(self):
        self.open()
        self.browser.type("body", "/")
        self.browser.type("#search", "split_left shift")
        self.browser.type("#search", DOWN)
        focused = self.browser.script("arguments[0](document.activeElement.getAttribute('href'))")
        check("arrow keys", focused == "#shift/shift::split_left", focused)
        self.browser.type("#results a:focus", ENTER)
        check("a result", self.hash() == "#shift/shift::split_left", self.hash())
        labels = list(next(chip for chip in self.chips if chip.slug == "shift").labels)
        at = labels.index("shift::split_left")
        for key, expected in [("j", labels[at + 1]), ("k", labels[at]), ("k", labels[at - 1])]:
            self.browser.type("body", key)
            check(f"key {key}", self.hash() == f"#shift/{expected}", self.hash())
        for words, expected in [("MEMORY tag", "#tag/machine/MEMORY"), ("sraiw", "#shift"), ("comparison.markers[3] branch", "#branch")]:
            self.browser.type("#search", words)
            self.browser.type("#search", ENTER)
            check(words, self.hash() == expected, self.hash())
        self.browser.type("#search", "no such thing")
        check("nothing", self.browser.script("arguments[0](document.getElementById('results').textContent)") == "0 found", words)
        self.browser.type("#search", ESCAPE)
        check("closed", self.browser.script("arguments[0](document.getElementById('results').hidden)"), words)
        self.open("shift/no_such_label")
        check("unknown", "names no chip" in self.browser.script("arguments[0](document.getElementById('main').textContent)"), self.hash())

    def fits(self):
        """Nothing is wider than the page but what scrolls by itself; in light and dark."""
        grounds = set()
        for scheme in ("light", "dark"):
            self.browser.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            for name, address in [("home", ""), ("chip", "div_rem"), ("label", "div_rem/div_rem::sign_boolean"), ("message", "add_sub/add_sub::rs1_receive"), ("tag", "tag/machine/MEMORY")]:
                for width in WIDTHS:
                    self.browser.resize(width)
                    self.open(address)
                    found = self.browser.script("arguments[0]([document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor])")
                    check(f"{name}, {width} pixels", found[0] <= width, found)
                    grounds.add((scheme, found[1]))
                    self.browser.screenshot(f"{name}-{scheme}-{width}")
        check("grounds", len({ground for _, ground in grounds}) == len(grounds) == 2, sorted(grounds))
        self.browser.devtools("Emulation.setEmulatedMedia", features=[])
        self.browser.devtools("Emulation.clearDeviceMetricsOverride")

    def quiet(self):
        """Nothing is loaded but the page, nothing was logged, every control has a name."""
        self.open("shift/shift::sign")
        loaded = self.browser.script("arguments[0](performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => !name.startsWith('data:')))")
        check("resources", loaded == [], loaded)
        log = [entry for entry in self.browser.call("POST", "/se/log", {"type": "browser"}) if entry["level"] == "SEVERE"]
        check("log", not log, log)
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        read = lambda node, name: node.get(name, {}).get("value", "")
        nameless = [read(node, "role") for node in nodes if not node["ignored"] and read(node, "role") in ("button", "link", "searchbox", "DisclosureTriangle") and not read(node, "name")]
        check("names", not nameless, nameless)


def escapes(browser, path, relation):
    """Text of the data is never markup."""
    page = path.read_text(encoding="utf-8")
    bad = "\\u003cimg src=x onerror=document.title=1>"
    for place in ('"meaning":"', '"name":"selectors['):
        assert place in page
        page = page.replace(place, place.replace('"selectors', f'"{bad}selectors') if "selectors" in place else place + bad)
    with tempfile.TemporaryDirectory() as folder:
        changed = pathlib.Path(folder, "changed.html")
        changed.write_text(page, encoding="utf-8")
        shown = Page(browser, changed, relation)
        for address in ("", "add_sub", "add_sub/add_sub::execute"):
            shown.open(address)
            found = browser.script("arguments[0]([document.images.length, document.title, document.getElementById('main').textContent.includes('<img src=x')])")
            check("escapes", found[0] == 0 and found[1] != "1" and (address == "" or found[2]), found)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    path = pathlib.Path(sys.argv[1])
    relation = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
    with driver() as port:
        browser = Browser(port)
        try:
            print(f"Chromium {browser.version}")
            page = Page(browser, path, relation)
            page.home()
            print(f"{len(page.chips)} chips with the export's counts")
            page.keys()
            print("search and keys: as expected")
            print(f"{page.clicks()} tags: a message's other side has its tag")
            labels, statements, attacks = page.everything()
            print(f"{labels} labels, {statements} statements: formulas, degrees, sources and counterparts are the export's; {attacks} attacks shown")
            page.fits()
            print(f"nothing wider than the page at {WIDTHS} pixels, light and dark")
            page.quiet()
            escapes(browser, path, relation)
            print("nothing loaded, no errors logged, every control named, text never markup")
        finally:
            browser.call("DELETE", "")


if __name__ == "__main__":
    main()
