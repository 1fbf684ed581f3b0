
'use strict';

/** What the page shows: the export, as `spec/export.md` describes it, and where things are in the sources. */
const relation = JSON.parse(document.getElementById('relation').textContent);
const evidence = JSON.parse(document.getElementById('evidence').textContent);

const LEAF_DEGREES = { const: 0, public: 0, is_transition: 0, main: 1, main_next: 1, fixed: 1, fixed_next: 1, is_first_row: 1, is_last_row: 1 };
/** Longest formula without named parts, in characters; as on the pages of `spec/generated`. */
const LONGEST = 200;
/** How tightly an operation binds. */
const SUM = 0, PRODUCT = 1, ATOM = 2;

/** A chip: its entry, its statements by label, its place in addresses. */
class Chip {
    constructor(system, entry, sources) {
        Object.assign(this, { system, entry, sources });
        this.slug = system.name === 'machine' ? entry.name : `${system.name}_${entry.name}`;
        this.public = entry.public.flatMap(({ name, len }) => Array.from({ length: len }, (_, i) => len === 1 ? name : `${name}[${i}]`));
        this.labels = new Map();
        entry.statements.forEach((statement, at) => {
            const found = this.labels.get(statement.label) ?? [];
            this.labels.set(statement.label, found);
            found.push({ statement, at, index: found.length, chip: this });
        });
    }

    of(kind) {
        return this.entry.statements.filter((statement) => statement.kind === kind);
    }

    /** The degree of every node. */
    get degrees() {
        this.found ??= this.entry.nodes.reduce((degrees, [name, ...operands]) => {
            const of = operands.map((place) => degrees[place]);
            degrees.push(LEAF_DEGREES[name] ?? (name === 'mul' ? of[0] + of[1] : Math.max(...of)));
            return degrees;
        }, []);
        return this.found;
    }

    /** Labels by the field that their statements read: pairs of `main` or `fixed` and a field's place. */
    get readers() {
        if (this.read) return this.read;
        this.read = new Map();
        for (const { label, ...statement } of this.entry.statements) {
            for (const place of reached(this.entry.nodes, roots(statement))) {
                const [name, column] = this.entry.nodes[place];
                const kind = name.replace('_next', '');
                if (kind !== 'main' && kind !== 'fixed') continue;
                const key = `${kind} ${this.entry[kind][column].field}`;
                if (!this.read.has(key)) this.read.set(key, new Set());
                this.read.get(key).add(label);
            }
        }
        return this.read;
    }
}

/** The nodes that a statement names. */
function roots(statement) {
    return statement.kind === 'constraint' ? [statement.value] : [...statement.tuple, statement.multiplicity];
}

function isLeaf(node) {
    return node[0] in LEAF_DEGREES;
}

/** Places of the nodes that these are made of, themselves included, in order. */
function reached(nodes, places) {
    const seen = new Set(places), open = [...places];
    while (open.length) {
        const node = nodes[open.pop()];
        if (isLeaf(node)) continue;
        for (const place of node.slice(1)) {
            if (!seen.has(place)) {
                seen.add(place);
                open.push(place);
            }
        }
    }
    return [...seen].sort((a, b) => a - b);
}

/** A constant: of least size modulo p, or as the inverse of a power of two. */
function constant(value) {
    const order = BigInt(relation.modulus);
    for (let k = 1n; k <= 30n; k++) {
        const scaled = (BigInt(value) << k) % order;
        if (scaled === 1n) return [`2^-${k}`, ATOM];
        if (scaled === order - 1n) return [`-2^-${k}`, SUM];
    }
    return 2n * BigInt(value) < order ? [String(value), ATOM] : [`-${order - BigInt(value)}`, SUM];
}

/** The text of a node from its operands' texts. */
function written(chip, node, text) {
    const [name, x, y] = node;
    const within = (place, least) => {
        const [written, binding] = text(place);
        return binding < least ? `(${written})` : written;
    };
    switch (name) {
        case 'const': return constant(x);
        case 'main': return [chip.entry.main[x].name, ATOM];
        case 'main_next': return [`next ${chip.entry.main[x].name}`, ATOM];
        case 'fixed': return [chip.entry.fixed[x].name, ATOM];
        case 'fixed_next': return [`next ${chip.entry.fixed[x].name}`, ATOM];
        case 'public': return [chip.public[x], ATOM];
        case 'add': return [`${within(x, SUM)} + ${within(y, PRODUCT)}`, SUM];
        case 'sub': return [`${within(x, SUM)} - ${within(y, PRODUCT)}`, SUM];
        case 'mul': return [`${within(x, PRODUCT)} * ${within(y, PRODUCT)}`, PRODUCT];
        case 'neg': return [`-${within(x, ATOM)}`, SUM];
        default: return [name, ATOM];
    }
}

/** A node as people write it: in one piece if that is short, else with names for parts that occur more than once, of which there may be thousands. */
function formula(chip, root) {
    const { nodes } = chip.entry;
    const places = reached(nodes, [root]);
    const whole = assembled(chip, places, new Map());
    if (whole) return { parts: 0, steps: () => [], text: whole.get(root)[0] };
    const uses = new Map();
    for (const place of places.filter((place) => !isLeaf(nodes[place]))) {
        for (const operand of nodes[place].slice(1)) uses.set(operand, (uses.get(operand) ?? 0) + 1);
    }
    const shared = places.filter((place) => place !== root && uses.get(place) > 1 && !isLeaf(nodes[place]));
    const names = new Map(shared.map((place, i) => [place, `t${i + 1}`]));
    const texts = assembled(chip, places, names, Infinity);
    return { parts: shared.length, steps: () => shared.map((place) => `${names.get(place)} = ${texts.get(place)[0]}`), text: texts.get(root)[0] };
}

/** Texts of nodes, those with names standing for themselves; nothing if one is longer than allowed. */
function assembled(chip, places, names, longest = LONGEST) {
    const texts = new Map();
    const text = (place) => names.has(place) ? [names.get(place), ATOM] : texts.get(place);
    for (const place of places) {
        const found = written(chip, chip.entry.nodes[place], text);
        if (found[0].length > longest) return undefined;
        texts.set(place, found);
    }
    return texts;
}

/** Sides of the bus that a message may be on. A table provides; where its count is a difference, it also takes. */
function sides({ nodes }, { direction, multiplicity }) {
    if (direction === 'send') return ['put on'];
    if (direction === 'receive') return ['taken off'];
    const count = nodes[multiplicity][0] === 'neg' ? nodes[nodes[multiplicity][1]] : nodes[multiplicity];
    return direction === 'provides' && count[0] !== 'sub' ? ['taken off'] : ['put on', 'taken off'];
}

/** Labels whose messages may cancel a message: same bus, a tag in common, the other side. */
function counterparts(chip, message) {
    const found = new Map();
    for (const other of chips.filter((other) => other.system === chip.system)) {
        for (const statement of other.of('message')) {
            const opposite = sides(other.entry, statement).some((side) => sides(chip.entry, message).some((own) => own !== side));
            if (statement.bus !== message.bus || !opposite || !statement.tags.some((tag) => message.tags.includes(tag))) continue;
            const key = `${other.slug}/${statement.label}`;
            const entry = found.get(key) ?? { chip: other, label: statement.label, direction: statement.direction, count: 0 };
            entry.count += 1;
            found.set(key, entry);
        }
    }
    return [...found.values()];
}

const chips = relation.systems.flatMap((system) => system.chips.map((entry) => [system, entry])).map(([system, entry], i) => new Chip(system, entry, evidence[i]));
const bySlug = new Map(chips.map((chip) => [chip.slug, chip]));
