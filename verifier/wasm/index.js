// Tern's standalone verifier for browsers and Node.js: a thin layer over the exports of tern_verifier.wasm (see src/lib.rs).

/** What can be wrong with a proof, by number. The numbers never change. */
const CLASSES = [, 'key', 'not-a-proof', 'unsupported', 'malformed', 'program', 'exit-code', 'false'];
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
 * Checks that `proof` proves a run of the program with this verifying key. Nothing about the bytes makes it throw.
 *
 * @param {Uint8Array} proof
 * @param {Uint8Array} vk the key file of the program, as `tern vkey -o` writes it
 * @param {{ exitCode?: number }} [expected] exit code of the run, 0 unless given
 */
export async function verify(proof, vk, { exitCode = 0 } = {}) {
  if (!(proof instanceof Uint8Array) || !(vk instanceof Uint8Array)) {
    throw new TypeError('proof and vk must be of type Uint8Array');
  }
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 0xffff_ffff) {
    throw new RangeError('exitCode must be an unsigned 32-bit integer');
  }
  await load();
  try {
    return await run(proof, vk, exitCode);
  } catch (error) {
    // A trap, which only a fault of the module or a lack of memory can cause: its memory is not to be used again.
    instance = undefined;
    if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof OutOfMemory)) throw error;
    return { ok: false, code: 'internal', reason: `the verifier failed: ${error.message}` };
  }
}

class OutOfMemory extends Error {}

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

/** Everything after the `await`s happens at once, so calls do not disturb each other's buffers. */
async function run(proof, vk, exitCode) {
  instance ??= WebAssembly.instantiate(await compiled);
  const { exports } = await instance;
  const { memory, tern_proof_buffer, tern_key_buffer, tern_verify, tern_result } = exports;
  const started = performance.now();
  for (const [buffer, bytes] of [[tern_proof_buffer, proof], [tern_key_buffer, vk]]) {
    const at = buffer(bytes.length) >>> 0;
    if (at === 0) throw new OutOfMemory(`no memory for ${bytes.length} bytes`);
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
  }
  const length = tern_verify(exitCode) >>> 0;
  const result = new Uint8Array(memory.buffer, tern_result() >>> 0, length).slice();
  const milliseconds = performance.now() - started;
  return decode(result, { proofBytes: proof.length, milliseconds }, exports);
}

function decode(bytes, measured, { tern_conjectured_bits, tern_proven_bits }) {
  const view = new DataView(bytes.buffer);
  const code = view.getUint32(0, true);
  if (code !== 0) {
    return { ok: false, code: CLASSES[code] ?? 'false', reason: new TextDecoder().decode(bytes.subarray(4)) };
  }
  const kind = view.getUint32(4, true);
  if (!security.has(kind)) security.set(kind, { securityBits: tern_conjectured_bits(kind), provenBits: tern_proven_bits(kind) });
  return {
    ok: true,
    kind: KINDS[kind] ?? `kind ${kind}`,
    segments: view.getUint32(8, true),
    exitCode: view.getUint32(12, true),
    ...security.get(kind),
    programDigest: hex(bytes.subarray(16, ACCEPTED_HEADER_BYTES)),
    output: bytes.slice(ACCEPTED_HEADER_BYTES),
    ...measured,
  };
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
