
const main = document.getElementById('main'), search = document.getElementById('search'), results = document.getElementById('results');

/** What an address shows: `chip`, `chip/label`, `tag/system/name`, or everything. */
function view(address) {
    const [first, ...rest] = address.split('/');
    const chip = bySlug.get(first), label = rest.join('/');
    if (address === '') return home();
    if (chip && rest.length === 0) return chipView(chip);
    if (chip && chip.labels.has(label)) return labelView(chip, label);
    const system = relation.systems.find(({ name }) => first === 'tag' && name === rest[0]);
    if (system?.tags.some(({ name }) => name === rest[1])) return tagView(system, rest[1]);
    return [element('h1', {}, 'Not in this relation'), element('p', {}, code(address), ' names no chip, label or tag. ', link('', 'All chips'))];
}

function address() {
    try {
        return decodeURIComponent(location.hash.slice(1));
    } catch {
        return location.hash.slice(1);
    }
}

function show() {
    const [slug, label] = [address().split('/')[0], address().slice(address().indexOf('/') + 1)];
    main.replaceChildren(...view(address()).flat(Infinity));
    document.title = address() === '' ? "Tern's relation" : `${bySlug.has(slug) && address().includes('/') ? label : address()} in Tern's relation`;
    for (const anchor of document.querySelectorAll('#chips a')) {
        if (anchor.hash === `#${slug}`) anchor.setAttribute('aria-current', 'page');
        else anchor.removeAttribute('aria-current');
    }
    scrollTo(0, 0);
}

function menu() {
    document.getElementById('chips').append(...relation.systems.flatMap((system) => [
        element('h2', {}, system.name),
        element('ul', {}, chips.filter((chip) => chip.system === system).map((chip) =>
            element('li', {}, link(chip.slug, [chip.entry.name, element('span', {}, String(chip.labels.size))], { 'aria-label': chip.entry.name })))),
    ]));
}

/** Everything that can be searched for: words, what is shown, where it leads. */
function entries() {
    const found = [];
    const add = (text, kind, to) => found.push({ key: `${text} ${kind}`.toLowerCase(), text, kind, to });
    for (const chip of chips) {
        add(chip.slug, 'chip', chip.slug);
        for (const [label, [{ statement }]] of chip.labels) add(label, `${statement.kind} of ${chip.slug}`, `${chip.slug}/${label}`);
    }
    for (const system of relation.systems) system.tags.forEach(({ name }) => add(name, `tag of ${system.name}`, `tag/${system.name}/${name}`));
    relation.instructions.forEach(({ mnemonic, chip }) => add(mnemonic, `instruction, ${chip}`, chip));
    for (const chip of chips) {
        for (const { name } of [...chip.entry.main, ...chip.entry.fixed]) add(name, `column of ${chip.slug}`, chip.slug);
        chip.entry.public.forEach(({ name }) => add(name, `public value of ${chip.slug}`, chip.slug));
    }
    return found;
}

let index;

function find() {
    index ??= entries();
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    results.hidden = words.length === 0;
    if (results.hidden) return;
    const found = index.filter(({ key }) => words.every((word) => key.includes(word)));
    const exact = (entry) => Number(entry.text.toLowerCase() !== words.join(' '));
    found.sort((a, b) => exact(a) - exact(b));
    const shown = found.slice(0, MOST_RESULTS).map(({ text, kind, to }) => link(to, [code(text), element('span', { class: 'dim' }, ` ${kind}`)]));
    results.replaceChildren(element('div', { class: 'dim', role: 'status' }, `${found.length} found${found.length > shown.length ? `, ${shown.length} shown` : ''}`), ...shown);
}

function close() {
    results.hidden = true;
    search.value = '';
}

/** Goes from a label to the one behind or before it. */
function step(by) {
    const slug = address().split('/')[0], chip = bySlug.get(slug);
    if (!chip) return;
    const labels = [...chip.labels.keys()], at = labels.indexOf(address().slice(slug.length + 1));
    const next = labels[at < 0 ? (by > 0 ? 0 : labels.length - 1) : at + by];
    location.hash = next === undefined ? slug : `${slug}/${next}`;
}

/** Arrow keys go through the results. */
function move(event) {
    const all = [search, ...results.querySelectorAll('a')];
    const to = all.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
    if (results.hidden || !all[to]) return;
    event.preventDefault();
    all[to].focus();
}

function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
        close();
        return main.focus();
    }
    if (event.target === search || results.contains(event.target)) {
        if (event.key === 'Enter' && event.target === search) results.querySelector('a')?.click();
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') move(event);
        return;
    }
    if (event.key === '/') {
        event.preventDefault();
        search.focus();
    }
    if (event.key === 'j') step(1);
    if (event.key === 'k') step(-1);
}

addEventListener('hashchange', () => {
    close();
    show();
    main.focus({ preventScroll: true });
});
addEventListener('keydown', pressed);
search.addEventListener('input', find);
menu();
show();
