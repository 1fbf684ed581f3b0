// Tern's standalone verifier for browsers and Node.js: a thin layer over the exports of tern_verifier.wasm (see src/lib.rs).

import { ACCEPTED, ARGUMENT, exchange, isFault, resultBytes } from './exchange.js';

/** What can be wrong with a proof, by number. The numbers never change. */
const CLASSES = [
  , 'key', 'not-a-proof', 'unsupported', 'malformed', 'program', 'exit-code', 'false', , ,
  'not-a-block', 'invalid-block', 'other-rules', 'other-block',
];
const KINDS = [, 'segments', 'final'];
const ACCEPTED_HEADER_BYTES = 48;

let compiled;
let instance;
/** Security figures by kind: they are the same for every proof. */
const security = new Map();

/**
 * Loads the module. `verify` does it by itself; call it to load earlier, or from elsewhere than beside this file.
 *
 * @param {BufferSource | WebAssembly.Module} [source] the module, or its bytes
 */
export async function load(source) {
  if (source !== undefined || compiled === undefined) {
    const loading = compile(source);
    compiled = loading;
    instance = undefined;
    // A module that could not be loaded can be loaded again.
    loading.catch(() => (compiled = compiled === loading ? undefined : compiled));
  }
  await compiled;
}

/**
 * Checks that `proof` proves a block to be valid, by a run of the block guest with this verifying key. Nothing about the bytes makes it throw.
 *
 * @param {Uint8Array} proof
 * @param {Uint8Array} vk the key file of the block guest
 * @param {{ chain: string, blockHash?: string }} expected `chain`: `mainnet`, `sepolia`, `holesky`, `hoodi`, `known` (any of these), the hash of a chain
 *   configuration, or `any` (also rules that the proof's maker invented); `blockHash`: the hash that the block must have
 */
export async function verifyBlock(proof, vk, { chain, blockHash, ...others } = {}) {
  if (typeof chain !== 'string') throw new TypeError('chain must say under which rules the block is expected to be valid');
  for (const name of Object.keys(others)) throw new TypeError(`${name} is nothing that a block is checked for`);
  if (blockHash !== undefined && typeof blockHash !== 'string') throw new TypeError('blockHash must be a string of hexadecimal digits');
  const expected = blockHash === undefined ? chain : `${chain} ${blockHash}`;
  return check(proof, vk, expected, ({ tern_verify_block }) => tern_verify_block(), decodeBlock);
}

/**
 * Checks that `proof` proves a payload request of EIP-8025 to be valid, by a run of the block guest
 * with this verifying key. Nothing about the bytes makes it throw.
 *
 * @param {Uint8Array} proof
 * @param {Uint8Array} vk the key file of the block guest
 * @param {{ requestRoot?: string, chainId?: bigint | number, schemaId?: number }} [expected] what EIP-8025 asks a verifier to expect; what is left out may be
 *   any
 */
export async function verifyPayload(proof, vk, { requestRoot, chainId, schemaId, ...others } = {}) {
  for (const name of Object.keys(others)) throw new TypeError(`${name} is nothing that a payload is checked for`);
  if (requestRoot !== undefined && typeof requestRoot !== 'string') throw new TypeError('requestRoot must be a string of hexadecimal digits');
  for (const [name, id] of Object.entries({ chainId, schemaId })) {
    if (id !== undefined && typeof id !== 'bigint' && !Number.isSafeInteger(id)) throw new TypeError(`${name} must be an integer`);
  }
  const expected = [requestRoot, chainId, schemaId].map((word) => word ?? '-').join(' ');
  return check(proof, vk, expected, ({ tern_verify_payload }) => tern_verify_payload(), decodePayload);
}

/** The versions of this package and of the proof format that it reads. */
export async function version() {
  await load();
  instance ??= WebAssembly.instantiate(await compiled);
  const { exports } = await instance;
  const length = exports.tern_version() >>> 0;
  return { version: new TextDecoder().decode(resultBytes(exports, length)), proofVersion: exports.tern_proof_version() };
}

/**
 * Checks that `proof` proves a run of the program with this verifying key. Nothing about the bytes makes it throw.
 *
 * @param {Uint8Array} proof
 * @param {Uint8Array} vk the key file of the program, as `tern vkey -o` writes it
 * @param {{ exitCode?: number }} [expected] exit code of the run, 0 unless given
 */
export async function verify(proof, vk, { exitCode = 0 } = {}) {
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 0xffff_ffff) {
    throw new RangeError('exitCode must be an unsigned 32-bit integer');
  }
  return check(proof, vk, undefined, ({ tern_verify }) => tern_verify(exitCode), decode);
}

/** Has the module verify, and reads its result. */
async function check(proof, vk, expected, call, decode) {
  if (!(proof instanceof Uint8Array) || !(vk instanceof Uint8Array)) {
    throw new TypeError('proof and vk must be of type Uint8Array');
  }
  await load();
  try {
    instance ??= WebAssembly.instantiate(await compiled);
    const { exports } = await instance;
    // Everything after the `await`s happens at once, so calls do not disturb each other's buffers.
    const started = performance.now();
    const { code, bytes, reason } = exchange(exports, proof, vk, expected, call);
    const milliseconds = performance.now() - started;
    if (code === ARGUMENT) throw new RangeError(reason);
    if (code !== ACCEPTED) return { ok: false, code: CLASSES[code] ?? 'false', reason };
    return decode(bytes, { proofBytes: proof.length, milliseconds }, exports);
  } catch (error) {
    if (!isFault(error)) throw error;
    // The instance's memory is not to be used again.
    instance = undefined;
    return { ok: false, code: 'internal', reason: `the verifier failed: ${error.message}` };
  }
}

async function compile(source) {
  return source instanceof WebAssembly.Module ? source : WebAssembly.compile(source ?? (await fetchModule()));
}

async function fetchModule() {
  const url = new URL('tern_verifier.wasm', import.meta.url);
  if (url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return response.arrayBuffer();
}

function decode(bytes, measured, exports) {
  return { ...decodeHeader(bytes, exports), output: bytes.slice(ACCEPTED_HEADER_BYTES), ...measured };
}

function decodeBlock(bytes, measured, exports) {
  const view = new DataView(bytes.buffer, ACCEPTED_HEADER_BYTES);
  const hash = (index) => {
    const at = ACCEPTED_HEADER_BYTES + 20 + 32 * index;
    return '0x' + hex(bytes.subarray(at, at + 32));
  };
  const name = new TextDecoder().decode(bytes.subarray(ACCEPTED_HEADER_BYTES + 20 + 32 * 5));
  const block = {
    chain: name === '' ? null : name,
    chainId: view.getBigUint64(0, true),
    valid: view.getUint32(16, true) === 1,
    gasUsed: view.getBigUint64(8, true),
    chainConfig: hash(0),
    blockHash: hash(1),
    parentHash: hash(2),
    preStateRoot: hash(3),
    postStateRoot: hash(4),
  };
  return { ...decodeHeader(bytes, exports), block, ...measured };
}

function decodePayload(bytes, measured, exports) {
  const view = new DataView(bytes.buffer, ACCEPTED_HEADER_BYTES);
  const rootAt = ACCEPTED_HEADER_BYTES + 16;
  const name = new TextDecoder().decode(bytes.subarray(rootAt + 32));
  const payload = {
    chain: name === '' ? null : name,
    chainId: view.getBigUint64(0, true),
    schemaId: view.getUint32(8, true),
    valid: view.getUint32(12, true) === 1,
    requestRoot: '0x' + hex(bytes.subarray(rootAt, rootAt + 32)),
  };
  return { ...decodeHeader(bytes, exports), payload, ...measured };
}

function decodeHeader(bytes, { tern_conjectured_bits, tern_proven_bits }) {
  const view = new DataView(bytes.buffer);
  const kind = view.getUint32(4, true);
  if (!security.has(kind)) security.set(kind, { securityBits: tern_conjectured_bits(kind), provenBits: tern_proven_bits(kind) });
  return {
    ok: true,
    kind: KINDS[kind] ?? `kind ${kind}`,
    segments: view.getUint32(8, true),
    exitCode: view.getUint32(12, true),
    ...security.get(kind),
    programDigest: hex(bytes.subarray(16, ACCEPTED_HEADER_BYTES)),
  };
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
