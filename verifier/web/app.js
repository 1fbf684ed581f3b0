// The page: takes files, asks the verifier, says in words what it answers.
import { load, verify, verifyBlock, version } from './pkg/index.js';
import { NETWORKS, refusal } from './words.js';

/** Longest file that is read: a chain of a thousand segments is shorter. */
const MAX_FILE_BYTES = 2 ** 31 - 2 ** 24;
/** Most bytes of an output of an unknown program that are shown. */
const SHOWN_OUTPUT_BYTES = 512;

const element = (id) => document.getElementById(id);
const result = element('result');

/** What is being verified: bytes and name; the newest wins. */
let current;
let otherKey;

/** Verifies what `read` gives and shows the outcome, unless something newer was asked for. */
async function check(name, read) {
  const mine = (current = { name, read });
  show({ state: 'busy', title: 'Verifying…', text: name });
  // Lets the page draw before the verifier takes the thread.
  await new Promise((resolve) => setTimeout(resolve));
  let shown;
  try {
    shown = await outcome(name, read);
  } catch (error) {
    shown = refused(name, { code: 'file', reason: error.message });
  }
  if (current === mine) {
    show(shown);
    result.focus({ preventScroll: true });
    result.scrollIntoView({ block: 'nearest' });
  }
}

/** What there is to show about a proof. */
async function outcome(name, read) {
  const key = otherKey;
  if (key !== undefined) {
    const exitCode = exitCodeOf(element('exit-code'));
    const answer = await verify(await read(), await key.read(), { exitCode });
    return answer.ok ? acceptedRun(name, answer, key.name) : refused(name, answer, { exitCode });
  }
  const expected = expectedBlock();
  const answer = await verifyBlock(await read(), await fetchBytes('evm-guest.vkey'), expected);
  return answer.ok ? acceptedBlock(name, answer, expected) : refused(name, answer, expected);
}

function acceptedBlock(name, { block, ...proof }, { blockHash }) {
  const network = NETWORKS[block.chain];
  const rules = network === undefined ? 'rules that no network known here has' : `the rules of ${network}`;
  const expected = blockHash === undefined ? 'Compare its hash with one that you trust: whether the block is part of the chain is not proved.' : 'It is the block that you asked for.';
  return {
    state: network === undefined ? 'doubt' : 'accepted',
    title: network === undefined ? 'A valid block, under rules of its own' : `A valid block under the rules of ${network}`,
    text: `The proof holds: this block is valid after its parent, under ${rules}. ${expected}`
      + (network === undefined ? ' Under some rules any block is valid: know whose these are before you rely on it.' : ''),
    facts: [
      ['Block hash', block.blockHash, 'hex'],
      ['Network', network === undefined ? `none that is known here (chain id ${block.chainId})` : `${network} (chain id ${block.chainId})`],
      ['State after', block.postStateRoot, 'hex'],
    ],
    details: [
      ['Parent hash', block.parentHash, 'hex'],
      ['State before', block.preStateRoot, 'hex'],
      ['Gas used', `${block.gasUsed}`],
      ['Chain configuration', block.chainConfig, 'hex'],
      ['Program', 'Ethereum block guest'],
      ...proofFacts(name, proof),
    ],
  };
}

function acceptedRun(name, { output, ...proof }, program) {
  const shown = output.length === 0 ? 'nothing' : hex(output.subarray(0, SHOWN_OUTPUT_BYTES));
  const rest = output.length > SHOWN_OUTPUT_BYTES ? '…' : '';
  return {
    state: 'accepted',
    title: 'A run of the program of the key file',
    text: `The proof holds: the program halts with exit code ${proof.exitCode}, having written this output. What the output means is the program's business.`,
    facts: [['Program', program], ['Output', `${shown}${rest} (${output.length} bytes)`, 'hex']],
    details: proofFacts(name, proof),
  };
}

/** What is known of every accepted proof. */
function proofFacts(name, proof) {
  return [
    ['Program key', proof.programDigest, 'hex'],
    ['Exit code', String(proof.exitCode)],
    ['Security', `${proof.provenBits.toFixed(1)} bits proven, ${proof.securityBits.toFixed(1)} under a conjecture`],
    ['Proof', `${form(proof)}, ${size(proof.proofBytes)}`],
    ['Verified in', `${proof.milliseconds.toFixed(0)} ms`],
    ['File', name],
  ];
}

/** A rejection in words; what the verifier says of it is for those who want to know. */
function refused(name, { code, reason }, expected = {}) {
  const { title, text } = refusal(code, expected, reason);
  return { state: 'rejected', code, title, text, details: [['The verifier says', reason], ...(name === '' ? [] : [['File', name]])] };
}

/**
 * Shows an outcome: state (`busy`, `accepted`, `doubt`, `rejected`), code of a rejection, title, sentences, and facts (name, value, class), of which the
 * details are folded.
 */
function show({ state, code = '', title, text, facts = [], details = [] }) {
  Object.assign(result.dataset, { state, code });
  result.setAttribute('aria-busy', String(state === 'busy'));
  element('verdict').textContent = title;
  element('explanation').textContent = text;
  element('facts').replaceChildren(...entries(facts));
  element('details').replaceChildren(...entries(details));
  element('more').hidden = details.length === 0;
  result.hidden = false;
}

function entries(facts) {
  return facts.flatMap(([name, value, kind = '']) => [
    Object.assign(document.createElement('dt'), { textContent: name }),
    Object.assign(document.createElement('dd'), { textContent: value, className: kind }),
  ]);
}

/** What the fields say about the block; what is no hash is an error of the reader. */
function expectedBlock() {
  const rules = element('rules').value;
  const chain = rules === 'config' ? hashOf(element('config'), 'the chain configuration') : rules;
  const hashField = element('block-hash');
  return { chain, blockHash: hashField.value.trim() === '' ? undefined : hashOf(hashField, 'the block') };
}

function hashOf(field, what) {
  if (!field.checkValidity()) throw new Error(`The hash of ${what} has 64 hexadecimal digits, with 0x before them or without.`);
  return field.value.trim();
}

function exitCodeOf(field) {
  if (!field.checkValidity()) throw new Error(`exit code: ${field.validationMessage}`);
  return field.valueAsNumber;
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

function chooseRules(rules) {
  element('rules').value = rules;
  element('config-field').hidden = rules !== 'config';
  element('config').disabled = rules !== 'config';
}

/** With a key file, the proof is of another program: nothing is expected of a block. */
function chooseKey(key) {
  otherKey = key;
  element('forget-key').hidden = key === undefined;
  element('expected').disabled = key !== undefined;
  again();
}

element('proof').addEventListener('change', ({ target }) => {
  checkFile(target.files[0]);
  // So that the same file can be chosen again.
  target.value = '';
});
element('rules').addEventListener('change', ({ target }) => {
  chooseRules(target.value);
  if (target.value === 'config' && element('config').value === '') element('config').focus();
  else again();
});
for (const id of ['config', 'block-hash', 'exit-code']) element(id).addEventListener('change', again);
element('key').addEventListener('change', ({ target }) => {
  const file = target.files[0];
  if (file) chooseKey({ name: file.name, read: () => fileBytes(file) });
});
element('forget-key').addEventListener('click', () => {
  element('key').value = '';
  chooseKey(undefined);
});

/** The example, with the expectations that fit it. */
function checkExample(name, change) {
  current = undefined;
  element('key').value = '';
  element('block-hash').value = '';
  chooseRules('any');
  chooseKey(undefined);
  check(name, async () => change(await fetchBytes('example.proof')));
}

element('example').addEventListener('click', () => checkExample('example.proof', (bytes) => bytes));
element('tamper').addEventListener('click', () =>
  checkExample('example.proof with one bit changed', (bytes) => {
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

// A browser may have kept the choice of an earlier visit.
chooseRules(element('rules').value);
load()
  .then(version)
  .then(({ version, proofVersion }) => (element('version').textContent = `Verifier ${version}, proof format ${proofVersion}.`))
  .catch((error) => show({ ...refused('', { code: 'internal', reason: `${error.message} (verifier/web/build.sh builds it)` }), title: 'The verifier could not be loaded' }));
