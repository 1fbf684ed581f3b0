// What host and module say to each other (see src/lib.rs). All of it is synchronous.

/** The code of a proof that is accepted. */
export const ACCEPTED = 0;
/** The module's word that what is expected makes no sense. */
export const ARGUMENT = 8;

class OutOfMemory extends Error {}

/**
 * Whether an error is a trap, which only a fault of the module or a lack of memory can cause. The
 * instance is not to be used again.
 */
export const isFault = (error) => error instanceof WebAssembly.RuntimeError || error instanceof OutOfMemory;

/**
 * Fills the module's buffers, calls it, reads its result: its code, its bytes, and the reason of a
 * rejection.
 *
 * @param {WebAssembly.Exports} exports
 * @param {Uint8Array} proof
 * @param {Uint8Array} vk
 * @param {string | undefined} expected what is expected, for functions that read it
 * @param {(exports: WebAssembly.Exports) => number} call one of the functions that verify
 */
export function exchange(exports, proof, vk, expected, call) {
  const { memory, tern_proof_buffer, tern_key_buffer, tern_expected_buffer } = exports;
  const buffers = [[tern_proof_buffer, proof], [tern_key_buffer, vk]];
  if (expected !== undefined) buffers.push([tern_expected_buffer, new TextEncoder().encode(expected)]);
  for (const [buffer, bytes] of buffers) {
    const at = buffer(bytes.length) >>> 0;
    if (at === 0) throw new OutOfMemory(`no memory for ${bytes.length} bytes`);
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
  }
  const bytes = resultBytes(exports, call(exports) >>> 0);
  const code = new DataView(bytes.buffer).getUint32(0, true);
  const reason = code === ACCEPTED ? '' : new TextDecoder().decode(bytes.subarray(4));
  return { code, bytes, reason };
}

/** A copy of the module's result. */
export function resultBytes({ memory, tern_result }, length) {
  return new Uint8Array(memory.buffer, tern_result() >>> 0, length).slice();
}
