// Tern's verifier as ethproofs loads one: `import` it, call `main()`, then `verify_stark(proof, vk)`.
//
// The WebAssembly module is inside this package as text, so neither bundlers nor servers have to be
// told about a further file, and it is compiled while this module is imported: nothing is left to
// wait for.

import { ACCEPTED, exchange, isFault } from './exchange.js';
import { MODULE_BASE64 } from './module.js';

const compiled = await WebAssembly.compile(Uint8Array.from(atob(MODULE_BASE64), (character) => character.charCodeAt(0)));
let instance = await WebAssembly.instantiate(compiled);

/**
 * Makes the verifier ready. It is after the import; after a fault, which `verify_stark` throws, this
 * gives it fresh memory.
 */
export function main() {
  instance ??= new WebAssembly.Instance(compiled);
}

/** The same, for those who await a package's default export. */
export default async function init() {
  main();
}

/**
 * Whether `proof` proves an Ethereum block, or a payload request of EIP-8025, to be valid under the
 * rules of a known chain (mainnet, Sepolia, Holesky, Hoodi), by a run of the block guest whose key
 * file is `vk`. Nothing about the bytes makes it throw.
 *
 * @param {Uint8Array} proof
 * @param {Uint8Array} vk
 * @returns {boolean}
 */
export function verify_stark(proof, vk) {
  if (!(proof instanceof Uint8Array) || !(vk instanceof Uint8Array)) {
    throw new TypeError('proof and vk must be of type Uint8Array');
  }
  main();
  try {
    return exchange(instance.exports, proof, vk, undefined, ({ tern_verify_known }) => tern_verify_known()).code === ACCEPTED;
  } catch (error) {
    if (isFault(error)) instance = undefined;
    throw error;
  }
}
