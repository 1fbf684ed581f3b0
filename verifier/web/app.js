// The page: takes files, asks the verifier, shows what it says.
import { load, verify } from './pkg/index.js';
import { readBlockOutput } from './block-output.js';

/** Longest file that is read: a chain of a thousand segments is shorter. */
const MAX_FILE_BYTES = 2 ** 31 - 2 ** 24;
/** Most bytes of an output of an unknown program that are shown. */
const SHOWN_OUTPUT_BYTES = 512;

const TITLES = {
  key: 'Not a verifying key',
  'not-a-proof': 'Not a proof',
  unsupported: 'Unsupported proof',
  malformed: 'Malformed proof',
  program: 'Proof of another program',
  'exit-code': 'Another exit code',
  false: 'False proof',
  internal: 'The verifier failed',
  file: 'The file cannot be read',
};

const element = (id) => document.getElementById(id);
const result = element('result');

/** What is being verified: bytes and name; the newest wins. */
let current;
let otherKey;

/** Verifies what `read` gives and shows the outcome, unless something newer was asked for. */
async function check(name, read) {
  const mine = (current = { name, read });
  show('busy', 'Verifying…', name, []);
  // Lets the page draw before the verifier takes the thread.
  await new Promise((resolve) => setTimeout(resolve));
  let outcome;
  try {
    const [proof, guestKey] = await Promise.all([read(), fetchBytes('evm-guest.vkey')]);
    const key = otherKey ? await otherKey.read() : guestKey;
    outcome = await verify(proof, key, { exitCode: exitCode() });
    outcome.program = hex(key) === hex(guestKey) ? undefined : otherKey.name;
  } catch (error) {
    outcome = { ok: false, code: 'file', reason: error.message };
  }
  if (current === mine) {
    if (outcome.ok) showAccepted(name, outcome);
    else show('rejected', `Rejected: ${TITLES[outcome.code] ?? outcome.code}`, outcome.reason, [['File', name]], outcome.code);
    result.focus({ preventScroll: true });
    result.scrollIntoView({ block: 'nearest' });
  }
}

function showAccepted(name, outcome) {
  const facts = [
    ['Exit code', String(outcome.exitCode)],
    ['Security', `${Math.floor(outcome.securityBits)} bits (${Math.floor(outcome.provenBits)} proven)`],
    ['Proof', `${form(outcome)}, ${size(outcome.proofBytes)}`],
    ['Verified in', `${outcome.milliseconds.toFixed(0)} ms`],
    ['File', name],
  ];
  const program = (title) => [['Program', title], ['Program key', outcome.programDigest, 'hex']];
  if (outcome.program !== undefined) {
    const output = outcome.output.length === 0 ? 'nothing' : hex(outcome.output.subarray(0, SHOWN_OUTPUT_BYTES));
    const rest = outcome.output.length > SHOWN_OUTPUT_BYTES ? '…' : '';
    const bytes = ['Output', `${output}${rest} (${outcome.output.length} bytes)`, 'hex'];
    show('accepted', 'Accepted', 'The proof holds for the program of the key file.', [...program(outcome.program), bytes, ...facts]);
    return;
  }
  const block = readBlockOutput(outcome.output);
  if (block === undefined) {
    show('doubt', 'Accepted, but not about a block', 'The proof holds, and its output is not one of the block guest.', [...program('Ethereum block guest'), ...facts]);
    return;
  }
  const about = [
    ['Verdict', block.valid ? 'valid' : 'invalid'],
    ['Block hash', block.blockHash, 'hex'],
    ['Chain id', String(block.chainId)],
    ['Chain configuration', block.configHash, 'hex'],
    ['Parent hash', block.parentHash, 'hex'],
    ['State before', block.preStateRoot, 'hex'],
    ['State after', block.valid ? block.postStateRoot : 'not shown', 'hex'],
  ];
  const all = [...about, ...program('Ethereum block guest'), ...facts];
  if (block.valid) show('accepted', 'Accepted: the block is valid', 'The proof holds: the block follows the rules of this chain configuration.', all);
  else show('doubt', 'Accepted: the block was not shown to be valid', 'The proof holds, and what it proves is the verdict “invalid”.', all);
}

/** Shows a state (`busy`, `accepted`, `doubt`, `rejected`), a title, a sentence and facts: name, value, class. */
function show(state, title, explanation, facts, code = '') {
  Object.assign(result.dataset, { state, code });
  result.setAttribute('aria-busy', String(state === 'busy'));
  element('verdict').textContent = title;
  element('explanation').textContent = explanation;
  const entries = facts.flatMap(([name, value, kind = '']) => [
    Object.assign(document.createElement('dt'), { textContent: name }),
    Object.assign(document.createElement('dd'), { textContent: value, className: kind }),
  ]);
  element('facts').replaceChildren(...entries);
  result.hidden = false;
}

async function fetchBytes(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function fileBytes(file) {
  if (file.size > MAX_FILE_BYTES) throw new Error(`${file.name} has ${file.size} bytes, at most ${MAX_FILE_BYTES} are read`);
  return new Uint8Array(await file.arrayBuffer());
}

/** The field's number; what is no exit code is an error of the reader. */
function exitCode() {
  const field = element('exit-code');
  if (!field.checkValidity()) throw new Error(`exit code: ${field.validationMessage}`);
  return field.valueAsNumber;
}

function form({ kind, segments }) {
  if (kind !== 'segments') return `${kind} proof`;
  return segments === 1 ? 'one segment' : `${segments} segments`;
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const checkFile = (file) => file && check(file.name, () => fileBytes(file));
const again = () => current && check(current.name, current.read);

element('proof').addEventListener('change', ({ target }) => {
  checkFile(target.files[0]);
  // So that the same file can be chosen again.
  target.value = '';
});
element('exit-code').addEventListener('change', again);
element('key').addEventListener('change', ({ target }) => {
  const file = target.files[0];
  if (!file) return;
  otherKey = { name: file.name, read: () => fileBytes(file) };
  element('forget-key').hidden = false;
  again();
});
element('forget-key').addEventListener('click', () => {
  otherKey = undefined;
  element('key').value = '';
  element('forget-key').hidden = true;
  again();
});
element('example').addEventListener('click', () => check('example.proof', () => fetchBytes('example.proof')));
element('tamper').addEventListener('click', () =>
  check('example.proof with one bit changed', async () => {
    const bytes = await fetchBytes('example.proof');
    bytes[bytes.length >> 1] ^= 1;
    return bytes;
  }),
);

const drop = element('drop');
for (const event of ['dragenter', 'dragover']) {
  document.addEventListener(event, (drag) => {
    drag.preventDefault();
    drop.classList.add('over');
  });
}
document.addEventListener('dragleave', (drag) => drag.relatedTarget === null && drop.classList.remove('over'));
document.addEventListener('drop', (drag) => {
  drag.preventDefault();
  drop.classList.remove('over');
  checkFile(drag.dataTransfer.files[0]);
});

load().catch((error) => show('rejected', 'The verifier could not be loaded', `${error.message} (verifier/web/build.sh builds it)`, [], 'internal'));
