// Tests the installed package `tern-wasm-stark-verifier` as ethproofs calls it; run in a folder
// where it and `tern-verifier` are installed:
//
//     test.mjs VECTORS GUEST_KEY PAYLOAD_PROOF INVALID_PAYLOAD_PROOF
//
// VECTORS is the folder of the frozen proofs; the others are proofs of the block guest with this
// key about payload requests of EIP-8025: a valid one, and one that could not be decoded.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [, , vectors, ...paths] = process.argv;
const bytes = async (path) => new Uint8Array(await readFile(path));
const vector = (name) => bytes(`${vectors}/${name}`);
const [guestKey, payload, invalidPayload] = await Promise.all(paths.map(bytes));

const require = createRequire(`${process.cwd()}/`);
const installed = require.resolve('tern-wasm-stark-verifier');
assert.match(installed, /node_modules/);
const verifier = await import(pathToFileURL(installed));
// As ethproofs does: `main` is not awaited, and `verify_stark` answers at once.
assert.equal(verifier.main(), undefined);
await verifier.default();
const { verify_stark } = verifier;

// It has the version of the package whose module is inside it.
const { version } = await import(pathToFileURL(require.resolve('tern-verifier')));
const { version: ownVersion } = JSON.parse(await readFile(new URL('package.json', pathToFileURL(installed)), 'utf8'));
assert.equal(ownVersion, (await version()).version);

const mainnet = await vector('block-mainnet.final');
const key = await vector('block.vkey');
const times = [];
for (let round = 0; round < 20; round++) {
  const started = performance.now();
  assert.strictEqual(verify_stark(mainnet, key), true);
  times.push(performance.now() - started);
}
assert.strictEqual(verify_stark(payload, guestKey), true);

const changed = mainnet.slice();
changed[mainnet.length >> 1] ^= 1;
const truncatedPayload = payload.slice(0, -1);
const refused = {
  'an invented chain': [await vector('block-invented.final'), key],
  'a chain of its own': [await vector('rollup-1.final'), key],
  'the verdict invalid': [await vector('block-invalid.final'), key],
  'a payload that is not shown to be valid': [invalidPayload, guestKey],
  'another program': [mainnet, await vector('fibonacci.vkey')],
  'a program that is not about blocks': [await vector('fibonacci.final'), await vector('fibonacci.vkey')],
  'another version': [await vector('v1/block-mainnet.final'), await vector('v1/block.vkey')],
  'a changed byte': [changed, key],
  'a truncated proof': [truncatedPayload, guestKey],
  'key and proof exchanged': [key, mainnet],
  'no proof': [new Uint8Array(), key],
  'no key': [mainnet, new Uint8Array()],
};
for (const [what, [proof, vk]] of Object.entries(refused)) assert.strictEqual(verify_stark(proof, vk), false, what);
assert.strictEqual(verify_stark(mainnet, key), true);

for (const [proof, vk] of [['proof', key], [mainnet, undefined], [mainnet.buffer, key]]) assert.throws(() => verify_stark(proof, vk), TypeError);
// A proof for which there is no memory is thrown, not called false; the next call has a fresh instance.
const huge = new Proxy(mainnet, { get: (target, name) => (name === 'length' ? 0xffff_ffff : Reflect.get(target, name)) });
assert.throws(() => verify_stark(huge, key), /no memory/);
assert.strictEqual(verify_stark(mainnet, key), true);
console.log(`verify_stark in node ${process.version}: ${Math.min(...times).toFixed(0)} ms (best of ${times.length}), 2 proofs true, ${Object.keys(refused).length} false`);
