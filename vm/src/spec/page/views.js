
/** Statements of a label, and depth of trees, that are shown before someone asks for more. */
const FIRST = 20, OPEN_DEPTH = 2;
/** Results of a search that are shown. */
const MOST_RESULTS = 60;

/** An element. All text is set as text: nothing of the data is read as markup. */
function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
        if (value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children.flat(Infinity).filter((child) => child !== undefined));
    return made;
}

const code = (text) => element('code', {}, text);
const link = (address, text, attributes) => element('a', { href: `#${address}`, ...attributes }, text);
const labelLink = (chip, label) => link(`${chip.slug}/${label}`, label, { class: 'label' });
const tagLink = (system, tag) => link(`tag/${system.name}/${tag}`, tag);

function table(headings, rows, attributes) {
    const cell = (kind, value) => element(kind, typeof value === 'number' ? { class: 'number' } : {}, typeof value === 'number' ? String(value) : value);
    const numbers = rows[0]?.map((value) => typeof value === 'number') ?? [];
    const head = headings.map((text, i) => element('th', { scope: 'col', class: numbers[i] ? 'number' : undefined }, text));
    const body = rows.map((row) => element('tr', {}, row.map((value) => cell('td', value))));
    return element('div', { class: 'scroll' }, element('table', attributes, element('thead', {}, element('tr', {}, head)), element('tbody', {}, body)));
}

function facts(pairs) {
    return element('dl', {}, pairs.filter(([, value]) => value !== undefined).map(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
}

function section(title, ...children) {
    return [element('h2', {}, title), ...children];
}

/** Where something is in the repository. */
function source(chip, [file, line]) {
    return code(`${chip.sources.files[file]}:${line}`);
}

function home() {
    const rows = (system) => chips.filter((chip) => chip.system === system).map((chip) => [
        link(chip.slug, chip.entry.name), chip.entry.main.length, chip.entry.fixed.length, chip.public.length, chip.entry.degree, chip.entry.cells,
        chip.labels.size, chip.of('constraint').length, chip.of('message').length]);
    const headings = ['chip', 'columns', 'fixed', 'public values', 'degree', 'cells per row', 'labels', 'constraints', 'messages'];
    const tags = (system) => system.tags.map(({ tag, name, length }) => [tag, tagLink(system, name), length]);
    return [
        element('h1', {}, "Tern's relation"),
        element('p', {}, `What proofs show: every column, constraint and message, as the code states them. Arithmetic is modulo ${relation.modulus}. `
            + `Schema version ${relation.version}; the schema is spec/export.md. Keys: / searches, j and k go to the next and the previous label of a chip.`),
        relation.systems.map((system) => [
            section(system.name, element('p', {}, 'Relation digest ', code(system.digest.value)),
                table(headings, rows(system), { id: `system-${system.name}` })),
            section(`Tags of ${system.name}`, table(['tag', 'name', 'length'], tags(system)))]),
        section('Instructions', table(['id', 'instruction', 'format', 'word', 'chip'], relation.instructions.map((instruction) => [
            instruction.id, code(instruction.mnemonic), instruction.format,
            code(`word & ${hex(instruction.mask)} = ${hex(instruction.match)}`), link(instruction.chip, instruction.chip)]))),
        section('Circuits', table(['circuit', 'cells', 'rows'], relation.circuits.map((circuit) =>
            [circuit.name, circuit.cells, circuit.rows.map(([name, count]) => `${name} ${count}`).join(', ')]))),
    ];
}

const hex = (word) => `0x${word.toString(16).padStart(8, '0')}`;

function chipView(chip) {
    const { entry } = chip;
    const rows = (kind) => [...chip.labels].filter(([, statements]) => statements[0].statement.kind === kind);
    const places = (statements) => statements.map(({ statement }) => chip.degrees[statement.value ?? statement.multiplicity]);
    const first = ([{ statement }]) => {
        const { parts, text } = formula(chip, statement.value);
        return element('span', { class: 'formula' }, text, element('span', { class: 'dim' }, parts ? `, with ${parts} parts` : ''));
    };
    const constraints = rows('constraint').map(([label, statements]) => [labelLink(chip, label), statements.length, Math.max(...places(statements)), first(statements)]);
    const messages = rows('message').map(([label, statements]) =>
        [labelLink(chip, label), statements.length, statements[0].statement.direction, spaced(tagsOf(statements).map((tag) => tagLink(chip.system, tag)))]);
    return [
        element('h1', {}, entry.name, element('span', { class: 'dim' }, ` of ${chip.system.name}`)),
        facts([
            ['Degree', `at most ${entry.degree}`], ['Cells per row', String(entry.cells)], ['Constraints', String(chip.of('constraint').length)],
            ['Messages', String(chip.of('message').length)], ['Sources', code(chip.sources.folder)], ['Fixed columns', entry.fixed_known ?? undefined]]),
        constraints.length ? section('Constraints', table(['label', 'number', 'degree', 'what is zero'], constraints, { id: 'constraints' })) : [],
        messages.length ? section('Messages', table(['label', 'number', 'direction', 'tags'], messages, { id: 'messages' })) : [],
        entry.main.length ? section('Columns', fieldTable(chip, 'main')) : [],
        entry.fixed.length ? section('Fixed columns', fieldTable(chip, 'fixed')) : [],
        entry.public.length ? section('Public values', table(['name', 'number', 'meaning'], entry.public.map(({ name, len, meaning }) => [code(name), len, meaning]))) : [],
    ];
}

const tagsOf = (statements) => [...new Set(statements.flatMap(({ statement }) => statement.tags))];
const spaced = (items) => items.flatMap((item) => [item, ' ']);

/** The fields of columns: meaning, which columns they are, which statements read them. */
function fieldTable(chip, kind) {
    const own = new Map();
    chip.entry[kind].forEach(({ field }, column) => own.set(field, [...(own.get(field) ?? []), column]));
    const path = (field) => field === null ? '' : `${path(chip.entry.fields[field].within)}${chip.entry.fields[field].within === null ? '' : '.'}${chip.entry.fields[field].name}`;
    const around = (field) => chip.entry.fields[field].within === null ? [] : [...around(chip.entry.fields[field].within), chip.entry.fields[field].within];
    const rows = [...own].map(([field, columns]) => {
        const { type, meaning } = chip.entry.fields[field];
        const readers = [...(chip.readers.get(`${kind} ${field}`) ?? [])];
        const outer = around(field).map((place) => `${chip.entry.fields[place].name}: ${chip.entry.fields[place].meaning}`);
        const last = columns.at(-1);
        return [
            code(path(field)), columns.length, columns.length === 1 ? String(last) : `${columns[0]} to ${last}`, code(type),
            element('div', {}, meaning, outer.map((text) => element('div', { class: 'dim' }, text))),
            element('details', {}, element('summary', {}, String(readers.length)), readers.map((label) => element('div', {}, labelLink(chip, label)))),
        ];
    });
    return table(['field', 'columns', 'places', 'type', 'meaning, range, who enforces it', 'read by'], rows, { id: `${kind}-columns` });
}

function labelView(chip, label) {
    const statements = chip.labels.get(label);
    const shown = statements.slice(0, FIRST).map(statementView);
    const more = element('button', { type: 'button', id: 'more' }, `Show all ${statements.length}`);
    more.addEventListener('click', () => more.replaceWith(...statements.slice(FIRST).map(statementView)));
    return [
        element('p', {}, link(chip.slug, chip.entry.name), element('span', { class: 'dim' }, ` of ${chip.system.name}`)),
        element('h1', { class: 'label' }, label),
        element('p', { class: 'dim', id: 'number' }, statements.length === 1 ? `1 ${statements[0].statement.kind}` : `${statements.length} ${statements[0].statement.kind}s`),
        tests(chip, label),
        shown, statements.length > FIRST ? more : [],
    ];
}

/** What the tests have about a label. */
function tests(chip, label) {
    const { attacks, named, gate, files } = chip.sources;
    const own = attacks.filter((attack) => attack.name.replace(/(\[\d+\])?!?(\+\d+)?$/, '') === label);
    const about = named.filter((entry) => entry.label === label);
    const places = (list, text) => element('ul', { class: 'plain' }, list.map(text));
    return element('article', { id: 'tests' }, element('h2', {}, 'Tests'), facts([
        [`Attacks (${own.length})`, own.length
            ? element('details', {}, element('summary', {}, `in ${files[own[0].at[0]]}, each rejected by nothing else`),
                places(own, (attack) => element('li', {}, code(attack.name), ' ', source(chip, attack.at))))
            : 'none under this label. The gate counts an attack on one message for all that it changes, and has attacks that are computed; what none can show is argued in the tests.'],
        ['Checked by', gate ? [code(gate.item), ' ', source(chip, gate.at)] : undefined],
        [`Named in (${about.length})`, about.length ? places(about, (entry) => element('li', {}, code(entry.item), ' ', source(chip, entry.at))) : undefined],
    ]));
}

function statementView({ statement, at, index, chip }) {
    const several = chip.labels.get(statement.label).length > 1;
    const where = ['Stated in', source(chip, chip.sources.statements[at])];
    const title = element('h2', { class: 'label' }, several ? `${statement.label}[${index}]` : statement.label);
    if (statement.kind === 'constraint') {
        return element('article', { 'data-at': at }, title, formulaView(chip, statement.value, ' = 0'),
            facts([['Degree', String(chip.degrees[statement.value])], where]), tree(chip, statement.value));
    }
    const { bus, direction, bounded, tuple, multiplicity } = statement;
    return element('article', { 'data-at': at }, title,
        facts([
            ['Tag', spaced(statement.tags.map((tag) => tagLink(chip.system, tag)))], ['Bus', bus], ['Direction', direction],
            ['Count', [formulaView(chip, multiplicity, ''), bounded ? '-1, 0 or 1 on every row, which the chip proves' : 'not bounded']],
            ['Degree of the count', String(chip.degrees[multiplicity])], where]),
        table(['element', 'value', 'degree'], tuple.map((place, i) => [i === 0 ? 'tag' : String(i), formulaView(chip, place, ''), chip.degrees[place]]), { class: 'tuple' }),
        index < FIRST ? counterpartsView(chip, statement) : [],
        tree(chip, multiplicity, 'Tree of the count'));
}

function formulaView(chip, place, end) {
    const { parts, steps, text } = formula(chip, place);
    const whole = element('span', { class: 'formula whole' }, text + end);
    if (parts === 0) return element('div', {}, whole);
    const summary = element('summary', {}, `${parts} parts with names`), list = element('ol', { class: 'steps' });
    summary.addEventListener('click', () => list.append(...steps().map((step) => element('li', { class: 'formula' }, step))), { once: true });
    return element('div', {}, element('details', { class: 'parts' }, summary, list), whole);
}

function counterpartsView(chip, statement) {
    const found = counterparts(chip, statement);
    const row = (entry) => [labelLink(entry.chip, entry.label), entry.direction, entry.count];
    return element('details', { class: 'counterparts' }, element('summary', {}, `${found.length} labels on the other side`),
        found.length ? table(['label', 'direction', 'messages'], found.map(row)) : []);
}

/** The tree of an expression. Parts are made when they are opened: as trees, some expressions are too large to be written. */
function tree(chip, root, title = 'Tree') {
    return element('details', { class: 'tree' }, element('summary', {}, title), element('ul', {}, treeNode(chip, root, 0)));
}

function treeNode(chip, place, depth) {
    const node = chip.entry.nodes[place];
    if (isLeaf(node)) {
        return element('li', {}, code(written(chip, node, undefined)[0]), element('span', { class: 'dim' }, ` ${node[0].replace('_', ' ')}`));
    }
    const branch = element('details', {}, element('summary', {}, code(node[0]), element('span', { class: 'dim' }, ` degree ${chip.degrees[place]}, node ${place}`)));
    const fill = () => branch.childElementCount === 1 && branch.append(element('ul', {}, node.slice(1).map((operand) => treeNode(chip, operand, depth + 1))));
    branch.addEventListener('toggle', () => branch.open && fill());
    if (depth < OPEN_DEPTH) {
        fill();
        branch.open = true;
    }
    return element('li', {}, branch);
}

function tagView(system, name) {
    const { tag, length } = system.tags.find((entry) => entry.name === name);
    const rows = (side) => chips.filter((chip) => chip.system === system).flatMap((chip) => [...chip.labels]
        .filter(([, statements]) => statements[0].statement.kind === 'message' && tagsOf(statements).includes(name) && sides(chip.entry, statements[0].statement).includes(side))
        .map(([label, statements]) => [link(chip.slug, chip.entry.name), labelLink(chip, label), statements[0].statement.direction, statements.length]));
    return [
        element('h1', {}, name, element('span', { class: 'dim' }, ` of ${system.name}`)),
        element('p', {}, `Tag ${tag}, ${length} elements. What it promises is in spec/buses.md.`),
        ['put on', 'taken off'].map((side) => section(`Messages that may be ${side} the bus`, table(['chip', 'label', 'direction', 'messages'], rows(side), { id: side.replace(' ', '-') }))),
    ];
}
